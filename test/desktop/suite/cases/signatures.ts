// Electronic signatures of two and three people, and pages that change a password: only the pair of the focused field.
import { NAME, filled, passwordOnly, refused, type Case, type Expected } from '../case.ts';
import { field, form, password, user } from '../html.ts';

const pair = (at: number, more = ''): string => user(more, `user${at}`, `User ${at}`) + password('', `password${at}`, `Password ${at}`);
const own = (at: number): string => pair(at, `value="${NAME}"`);
const done = `${user('value="operator.two" readonly', 'user1', 'First user')}${password('value="secret" readonly', 'password1')}`;
const pairAt = (at: number): Expected => filled(`user${at}`, `password${at}`);
const dual = form(pair(1), pair(2));
const triple = form(pair(1), pair(2), pair(3));
const apart = form(pair(1)) + form(pair(2));

export const signatures: readonly Case[] = [
  ['of two the first is filled from its user field', dual, 'user1', pairAt(1)],
  ['of two the second is filled from its user field', dual, 'user2', pairAt(2)],
  ['of two the first, its name there, is filled from its password', form(own(1), pair(2)), 'password1', passwordOnly('user1', 'password1')],
  ['of two the second, its name there, is filled from its password', form(pair(1), own(2)), 'password2', passwordOnly('user2', 'password2')],
  ['an empty user field is not filled from the password of the first', dual, 'password1', refused('no-user-field')],
  ['an empty user field is not filled from the password of the second', dual, 'password2', refused('no-user-field')],
  ['where another person signed first, the second is filled', form(done, pair(2)), 'user2', pairAt(2)],
  ['where another person signed first, the first is refused', form(done, pair(2)), 'user1', refused('no-password-field', 'other-user')],
  ['of two forms the second is filled', apart, 'user2', pairAt(2)],
  ['of two forms the first is filled', apart, 'user1', pairAt(1)],
  ...[1, 2, 3].map((at): Case => [`of three number ${at} is filled from its user field`, triple, `user${at}`, pairAt(at)]),
  ...[1, 2, 3].map((at): Case => [`of three number ${at}, its name there, is filled from its password`, form(...[1, 2, 3].map((each) => (each === at ? own(each) : pair(each)))), `password${at}`, passwordOnly(`user${at}`, `password${at}`)]),
  ['two users before two passwords are not guessed', form(user('', 'user1'), user('', 'user2'), password('', 'password1'), password('', 'password2')), 'user1', refused('no-password-field')],
  ['a comment above the signatures is no user field', form(field('comment', 'Comment'), pair(1), pair(2)), 'comment', refused('no-user-field')],
  ['a reason between user and password is left alone', form(user(), field('reason', 'Reason for signing'), password()), 'user', filled()],
];

const fresh = password('', 'new', 'New password') + password('', 'again', 'Confirm new password');
const current = password('', 'password', 'Current password');

export const changing: readonly Case[] = [
  ['a change of the password gets name and current password', form(user(), current, fresh), 'user', filled()],
  ['a change of the password whose name is there gets the current one', form(user(`value="${NAME}"`), current, fresh), 'password', passwordOnly()],
  ['a change of the password without a user field is refused', form(current, fresh), 'password', refused('no-user-field')],
  ['with the focus in the new password it is refused', form(user(), current, fresh), 'new', refused('no-user-field')],
  ['with the focus in the repeated password it is refused', form(user(), current, fresh), 'again', refused('no-user-field')],
  ['a registration has no current password', form(user(), fresh), 'user', refused('no-password-field')],
  ['three passwords without words are not guessed', form(user(), ...['a', 'b', 'c'].map((id) => password('', id, ''))), 'user', refused('no-password-field')],
];
