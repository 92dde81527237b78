// Login forms as they are written without a framework, and what may stand in their fields already.
import { NAME, failed, filled, passwordOnly, refused, type Case } from '../case.ts';
import { field, form, login, password, script, user } from '../html.ts';

const holding = (name: string, more = ''): string => form(user(`value="${name}" ${more}`), password());
const both = (more: string): string => form(user(), password(more));

export const plain: readonly Case[] = [
  ['a form is filled from its user field', login, 'user', filled()],
  ['fields without a form are filled', user() + password(), 'user', filled()],
  ['fields without a label go by their names', '<input id="user" name="login"><input id="password" type="password">', 'user', filled()],
  ['labels may be placeholders', '<input id="user" placeholder="User"><input id="password" type="password" placeholder="Password">', 'user', filled()],
  ['labels may stand in the cells of a table', `<table><tr><td>User<td><input id="user"><tr><td>Domain<td><input id="realm" name="domain" value="PLANT">
    <tr><td>Password<td><input id="password" type="password"></table>`, 'user', filled()],
  ['a user field may be one for e-mail addresses', form(user('type="email"', 'user', 'E-mail'), password()), 'user', filled()],
  ['an old password is replaced', both('value="old and longer than the new one"'), 'user', filled()],
  ['with the focus in the password an empty user field is refused', login, 'password', refused('no-user-field')],
  ["the person's own name stays", holding(NAME), 'user', passwordOnly()],
  ["the person's own name stays, focus in the password", holding(NAME), 'password', passwordOnly()],
  ['the own name in capitals stays', holding(NAME.toUpperCase()), 'password', passwordOnly()],
  ['the own name with its domain in front stays', holding(`PLANT\\${NAME}`), 'password', passwordOnly()],
  ['the own name as an address stays', holding(`${NAME}@plant`), 'user', passwordOnly()],
  ['the own name that is read-only stays', holding(NAME, 'readonly'), 'password', passwordOnly()],
  ['the own name in another domain is another person', holding(`OTHER\\${NAME}`), 'user', refused('other-user')],
  ["another person's name is refused", holding('operator.two'), 'user', refused('other-user')],
  ["another person's name is refused, focus in the password", holding('operator.two'), 'password', refused('other-user')],
  ["another person's name that is read-only is refused", holding('operator.two', 'readonly'), 'password', refused('other-user')],
  ['an empty read-only user field is refused', holding('', 'readonly'), 'user', refused('other-user')],
];

export const constraints: readonly Case[] = [
  ['a user field that is too short for the name gets nothing', form(user('maxlength="5"'), password()), 'user', refused('value-too-long')],
  ['a password field that is too short gets nothing, and no name', both('maxlength="8"'), 'user', refused('value-too-long')],
  ['a pattern that the name does not match is for the form to judge', form(user('pattern="[0-9]+"'), password()), 'user', filled()],
  ['a read-only password is refused', both('readonly'), 'user', refused('no-password-field')],
  ['a disabled password is refused', both('disabled'), 'user', refused('no-password-field')],
  ['a user field for numbers is no user field', form(user('type="number"'), password()), 'user', refused('no-user-field')],
  ['a page that shows names in capitals is filled', form(user('style="text-transform:uppercase"'), password()), 'user', filled()],
  ['a page that drops characters of the name gets no password', login + script("user.oninput = () => { user.value = user.value.replace('.', ''); }"), 'user', failed('not-applied', 'deadline:injection')],
  ['a shown password is no password field', form(user(), field('password', 'Password', 'type="text"')), 'user', refused('no-password-field')],
  ['a field that only looks masked is no password field', form(user(), field('password', 'Password', 'style="-webkit-text-security:disc"')), 'user', refused('no-password-field')],
];
