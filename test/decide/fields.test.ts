import test from 'ava';
import fc from 'fast-check';
import type { UserFieldType } from '../../config/applications.ts';
import type { Reason } from '../../contracts/reasons.ts';
import type { Field } from '../../platform/port.ts';
import { findPair } from '../../services/window-resolver/fields.ts';

type Sketch = Partial<Omit<Field, 'ref'>>;

const text = (label: string, more: Sketch = {}): Sketch => ({ label, ...more });
const password = (label = 'Password', more: Sketch = {}): Sketch => ({ role: 'password', label, ...more });
const select = (label: string, more: Sketch = {}): Sketch => ({ role: 'select', label, ...more });

const fieldsOf = (sketches: readonly Sketch[]): Field[] =>
  sketches.map((sketch, index) => ({
    ref: String(index), role: 'text', label: '', htmlId: '', htmlName: '', autocomplete: '', form: null, visible: true, editable: true, empty: true, ...sketch,
  }));

/** `user,password` as indexes, or the reason. */
function found(sketches: readonly Sketch[], focused: number | null, expected: UserFieldType = 'text'): string {
  const pair = findPair({ fields: fieldsOf(sketches), focused }, expected);
  return typeof pair === 'string' ? pair : `${pair.user.ref},${pair.password.ref} on ${pair.focusOn}`;
}

type Case = readonly [title: string, fields: readonly Sketch[], focused: number | null, expected: `${number},${number} on ${'user' | 'password'}` | Reason];

const LOGIN: readonly Case[] = [
  ['a login form is filled from its user field', [text('User name'), password()], 0, '0,1 on user'],
  ['a login form is filled from its password field', [text('User name'), password()], 1, '0,1 on password'],
  ['fields without any words are filled by position', [text(''), password('')], 0, '0,1 on user'],
  ['a field with an odd name before a password is filled', [text('Kürzel'), password('Passwort')], 0, '0,1 on user'],
  ['an e-mail address is a user name', [text('Email address', { autocomplete: 'email' }), password()], 0, '0,1 on user'],
  ['a user field that is read-only is reported, for the injector to judge', [text('User', { editable: false, empty: false }), password()], 0, '0,1 on user'],
  ['a domain field between user and password is stepped over', [text('User'), text('Domain'), password()], 0, '0,2 on user'],
  ['a database list between user and password is stepped over', [text('User'), select('Database'), password()], 0, '0,2 on user'],
  ['a one-time code after the password is left alone', [text('User'), password(), password('One-time code')], 0, '0,1 on user'],
  ['a PIN before the password is left alone', [text('User'), password('PIN'), password()], 0, '0,2 on user'],
  ['a change form is filled where it says which is the current password', [text('User'), password('Current password'), password('New password'), password('Confirm')], 0, '0,1 on user'],
  ['autocomplete tells the current password among several', [text('User'), password('', { autocomplete: 'current-password' }), password('')], 0, '0,1 on user'],
  ['a hidden trap before the form is not touched', [text('username', { visible: false }), password('', { visible: false }), text('User'), password()], 2, '2,3 on user'],
  ['the password of the same form is taken', [text('User', { form: 'a' }), text('Search', { form: 'b' }), password('', { form: 'a' })], 0, '0,2 on user'],
  ['autocomplete declares the user name against its neighbour', [text('', { autocomplete: 'username' }), text('Login name'), password()], 0, '0,2 on user'],
  ['section prefixes in autocomplete are understood', [text('Kennung', { autocomplete: 'section-a username webauthn' }), password('', { autocomplete: 'section-a current-password' })], 0, '0,1 on user'],
  ['an id that carries the name of the form does not make a domain a user', [text('User ID', { htmlId: 'login-f1' }), text('Domain', { htmlId: 'login-f2' }), password()], 0, '0,2 on user'],
  ['a hint in brackets does not make a user field a domain', [text('User name (with domain)'), password()], 0, '0,1 on user'],
  ['a domain user is a user', [text('Domain user'), password()], 0, '0,1 on user'],
  ['the operator of a batch is a user', [text('Batch number'), text('Batch operator'), password()], 1, '1,2 on user'],
];

const SIGNATURES: readonly Case[] = (() => {
  const dual = [text('Comment'), text('First User:'), password('Password:'), text('Second User:'), password('Password:')];
  const done = [text('First User', { editable: false, empty: false }), password('Password', { editable: false }), text('Second User'), password()];
  const columns = [text('First User'), text('Second User'), password('Password 1'), password('Password 2')];
  return [
    ['of two signatures the first pair is filled from the first user', dual, 1, '1,2 on user'],
    ['of two signatures the first pair is filled from the first password', dual, 2, '1,2 on password'],
    ['of two signatures the second pair is filled from the second user', dual, 3, '3,4 on user'],
    ['of two signatures the second pair is filled from the second password', dual, 4, '3,4 on password'],
    ['the comment above two signatures is no user field', dual, 0, 'no-user-field'],
    ['a finished first signature does not lend its user the second password', done, 0, 'no-password-field'],
    ['beside a finished first signature the second is filled', done, 2, '2,3 on user'],
    ['without a first password the first user does not get the second one', [text('First User'), text('Second User'), password()], 0, 'no-user-field'],
    ['two users before two passwords are not guessed', columns, 0, 'no-password-field'],
    ['a second user beside a first user that is no field is filled', [password(), text('Second User'), password()], 1, '1,2 on user'],
    ['a second user without a name does not leave its password to the first user', [text('User'), password(), text('Kürzel'), password()], 3, '2,3 on password'],
    ['a password without a user field has no pair', [password(), text('Second User'), password()], 0, 'no-user-field'],
  ];
})();

const REFUSED: readonly Case[] = [
  ['nothing has the focus', [text('User'), password()], null, 'no-user-field'],
  ['the focus is beyond the fields', [text('User'), password()], 7, 'no-user-field'],
  ['the focused field is not visible', [text('User', { visible: false }), password()], 0, 'no-user-field'],
  ['there is no password', [text('User name')], 0, 'no-password-field'],
  ['the password is hidden', [text('User'), password('', { visible: false })], 0, 'no-password-field'],
  ['the password is read-only', [text('User'), password('', { editable: false })], 0, 'no-password-field'],
  ['the password stands before the user', [password(), text('User')], 1, 'no-password-field'],
  ['the password is in another form', [text('User', { form: 'a' }), password('', { form: 'b' })], 0, 'no-password-field'],
  ['the password is outside of the form', [text('User', { form: 'a' }), password()], 0, 'no-password-field'],
  ['the only password is a new one by autocomplete', [text('User'), password('', { autocomplete: 'new-password' })], 0, 'no-password-field'],
  ['the only password is a new one by label', [text('User'), password('New password')], 0, 'no-password-field'],
  ['the only password is a new one by name', [text('User'), password('', { htmlName: 'newPassword' })], 0, 'no-password-field'],
  ['the only password is to be repeated', [text('User'), password('Passwort bestätigen')], 0, 'no-password-field'],
  ['a password has to be typed twice', [text('User'), password(), password('Confirm password')], 0, 'no-password-field'],
  ['two passwords do not say which is current', [text('User'), password(''), password('')], 0, 'no-password-field'],
  ['the masked field is a one-time code', [text('User'), password('', { autocomplete: 'one-time-code' })], 0, 'no-password-field'],
  ['the masked field is a PIN', [text('User'), password('', { htmlId: 'userPIN' })], 0, 'no-password-field'],
  ['the masked field is a card code', [text('User'), password('', { autocomplete: 'cc-csc' })], 0, 'no-password-field'],
  ['the focus is in a search box', [text('Search'), text('User'), password()], 0, 'no-user-field'],
  ['the focus is in a search box right before a password', [text('', { htmlName: 'userSearch' }), password()], 0, 'no-user-field'],
  ['the focus is in a domain field', [text('User'), text('Domain'), password()], 1, 'no-user-field'],
  ['the focus is in a domain field and there is no other', [text('Anmeldedomäne'), password()], 0, 'no-user-field'],
  ['the focus is in a login domain field', [text('', { htmlName: 'loginDomain' }), password()], 0, 'no-user-field'],
  ['the focus is in a comment field', [text('User comment'), password()], 0, 'no-user-field'],
  ['the focus is in a first-name field', [text('First name'), password()], 0, 'no-user-field'],
  ['the focus is in a field beside the user field', [text('User'), text('Something'), password()], 1, 'no-user-field'],
  ['the focus is in a field before the user field', [text('Something'), text('User'), password()], 0, 'no-user-field'],
  ['the focus is in a masked code', [text('User'), password(), password('OTP')], 2, 'no-user-field'],
  ['the focus is in the repeated password', [text('User'), password(), password('Repeat password')], 2, 'no-user-field'],
];

const SELECTS: readonly (readonly [...Case, UserFieldType])[] = [
  ['a drop-down of users is not used without a rule', [select('User'), password()], 0, 'no-user-field', 'text'],
  ['a drop-down of users stands in the way of the text beside it', [select('User'), text('Other'), password()], 1, 'no-user-field', 'text'],
  ['a drop-down of users is used where the rule says so', [select('User'), password()], 0, '0,1 on user', 'select'],
  ['a drop-down of users is found from its password', [select('User'), password()], 1, '0,1 on password', 'select'],
  ['a drop-down without words is used where the rule says so', [select(''), password()], 0, '0,1 on user', 'select'],
  ['a text field is not used where the rule says drop-down', [text('User'), password()], 0, 'no-user-field', 'select'],
  ['a drop-down of domains is not the one the rule means', [select('User'), select('Log on to domain'), password()], 1, 'no-user-field', 'select'],
  ['a drop-down of domains between is stepped over', [select('User'), select('Log on to domain'), password()], 0, '0,2 on user', 'select'],
];

for (const [title, fields, focused, expected] of [...LOGIN, ...SIGNATURES]) test(title, (t) => t.is(found(fields, focused), expected));
for (const [title, fields, focused, expected] of REFUSED) test(`refused, because ${title}`, (t) => t.is(found(fields, focused), expected));
for (const [title, fields, focused, expected, type] of SELECTS) test(title, (t) => t.is(found(fields, focused, type), expected));

const anyField: fc.Arbitrary<Sketch> = fc.record({
  role: fc.constantFrom('text', 'password', 'select'),
  label: fc.constantFrom('', 'User', 'User name', 'Domain', 'Search', 'Comment', 'Password', 'New password', 'PIN', 'Second user', 'Email'),
  autocomplete: fc.constantFrom('', 'username', 'current-password', 'new-password', 'one-time-code'),
  form: fc.constantFrom(null, 'a', 'b'),
  visible: fc.boolean(),
  editable: fc.boolean(),
});

test('whatever the form: a pair holds the focus, lies in one form, in order, reachable, and with no password between', (t) => {
  fc.assert(
    fc.property(fc.array(anyField, { minLength: 1, maxLength: 8 }), fc.nat(7), fc.constantFrom('text' as const, 'select' as const), (sketches, at, expected) => {
      const fields = fieldsOf(sketches);
      const focused = at % fields.length;
      const pair = findPair({ fields, focused }, expected);
      if (typeof pair === 'string') return true;
      const [user, secret] = [fields.indexOf(pair.user), fields.indexOf(pair.password)];
      const focusHolds = fields[focused] === (pair.focusOn === 'user' ? pair.user : pair.password);
      const between = fields.slice(user + 1, secret).some(({ visible, form, role, label, autocomplete }) =>
        visible && form === pair.user.form && role === 'password' && autocomplete === '' && label === 'Password');
      return focusHolds && user < secret && pair.user.form === pair.password.form && pair.user.role === expected && pair.password.role === 'password'
        && pair.user.visible && pair.password.visible && pair.password.editable && (!between || pair.password.autocomplete === 'current-password');
    }),
    { numRuns: 5_000 },
  );
  t.pass();
});

test('whatever the form: two different focused user fields never share a password', (t) => {
  fc.assert(
    fc.property(fc.array(anyField, { minLength: 2, maxLength: 8 }), (sketches) => {
      const fields = fieldsOf(sketches);
      const takers = fields.flatMap((_, focused) => {
        const pair = findPair({ fields, focused }, 'text');
        return typeof pair === 'string' ? [] : [`${pair.user.ref}>${pair.password.ref}`];
      });
      return new Set(takers.map((taker) => taker.split('>')[1])).size === new Set(takers).size;
    }),
    { numRuns: 5_000 },
  );
  t.pass();
});

test('a page of thousands of fields is judged within the budget', (t) => {
  const many = fieldsOf([...Array.from({ length: 5_000 }, (_, index) => text(`Value ${index}`, { htmlId: `page:table:${index}:inputValueOfParameter` })), text('User'), password()]);
  const before = process.cpuUsage();
  t.is(typeof findPair({ fields: many, focused: 5_000 }, 'text'), 'object');
  t.true(process.cpuUsage(before).user < 20_000);
});
