// User names that are chosen from a list, where a rule says so.
import { NAME, chosen, only, passwordOnly, refused, type Case } from '../case.ts';
import { form, login, password } from '../html.ts';

const list = (options: readonly string[], more = ''): string =>
  form(`<p><label>User <select id="user" name="user" ${more}>${options.map((option) => `<option>${option}`).join('')}</select></label></p>`, password());
const select = only(() => ({ processName: 'chromium', usernameFieldType: 'select' }));
const OTHERS = ['Choose', 'operator.two'];

export const lists: readonly Case[] = [
  ['the option of the person is chosen', list([...OTHERS, NAME]), 'user', chosen(), select],
  ['the option of the person is chosen in whatever case it is written', list([...OTHERS, NAME.toUpperCase()]), 'user', { ...chosen(), fields: { ...chosen().fields, user: NAME.toUpperCase() } }, select],
  ['among options that begin alike the one is chosen', list(['operator', `${NAME}.deputy`, NAME, 'operator.on']), 'user', chosen(), select],
  ['an option of the person that is chosen already stays', list([NAME, ...OTHERS]), 'password', passwordOnly(), select],
  ['where another person is chosen the password is refused', list(['operator.two', NAME]), 'password', refused('other-user'), select],
  ['a list without the person is left alone', list(OTHERS), 'user', refused('option-missing'), select],
  ['a list is no user field without a rule', list([...OTHERS, NAME]), 'user', refused('no-user-field')],
  ['a text is no user field where the rule says list', login, 'user', refused('no-user-field'), select],
  ['a list that cannot be changed is refused', list([...OTHERS, NAME], 'disabled'), 'password', refused('other-user', 'no-user-field'), select],
];
