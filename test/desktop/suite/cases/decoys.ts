// Fields that are no login, fields that nobody can see, and things that lie over or beside a form.
import { failed, filled, kept, refused, type Case } from '../case.ts';
import { OTHER, field, form, frame, login, over, password, script, user } from '../html.ts';

const styled = (style: string): string => form(user(), password(`style="${style}"`));
const trap = (style: string): string => `<div style="${style}" aria-hidden="true">${user('tabindex="-1"', 'trap1', 'User')}${password('tabindex="-1"', 'trap2')}</div>${user()}${password()}`;

export const decoys: readonly Case[] = [
  ['a search box is no user field', field('search', 'Search', 'type="search"') + login, 'search', refused('no-user-field', 'no-password-field')],
  ['a search box without a word for it is no user field of another form', form(field('q', '')) + login, 'q', refused('no-password-field', 'no-user-field')],
  ['a comment box is no user field', `${login}<textarea id="comment" aria-label="Comment"></textarea>`, 'comment', refused('no-user-field', 'no-password-field')],
  ['text that can be edited is no user field', `${login}<div id="text" contenteditable style="height:40px">Note</div>`, 'text', refused('no-user-field', 'no-password-field')],
  ['a button is no user field', `${login}<button id="help">Help</button>`, 'help', refused('no-user-field')],
  ['where nothing has the focus nothing is filled', login, '', refused('no-user-field')],
  ['a one-time code is no password', form(user(), password('autocomplete="one-time-code"', 'code', 'Code')), 'user', refused('no-password-field')],
  ['a one-time code after the password is left alone', form(user(), password(), password('', 'otp', 'One-time code')), 'user', filled()],
  ['a PIN is no password', form(user(), password('', 'pin', 'PIN')), 'user', refused('no-password-field')],
  ['the code of a card is no password', form(user(), password('autocomplete="cc-csc"', 'card', 'Code')), 'user', refused('no-password-field')],
  ['the code of a card by its name is no password', form(field('number', 'Card number'), password('', 'cvc', 'CVC')), 'number', refused('no-password-field', 'no-user-field')],
  ['a page that asks for the name first is no login form', form(user()), 'user', refused('no-password-field')],
  ['a page that asks for the password second is no login form', form('<p>operator.one</p>', password()), 'password', refused('no-user-field')],
  ['a page whose second step is hidden is no login form', form(user(), `<div hidden>${password()}</div>`), 'user', refused('no-password-field')],
  ['the address bar is no user field', login, 'user', refused('no-password-field', 'no-user-field'), { keys: ['Bar'] }],
  ['a newsletter beside a login is no user field', form(field('mail', 'E-mail', 'type="email"')) + login, 'mail', refused('no-password-field')],
];

export const unseen: readonly Case[] = [
  ['a password that is not displayed is refused', styled('display:none'), 'user', refused('no-password-field')],
  ['a password that is not visible is refused', styled('visibility:hidden'), 'user', refused('no-password-field')],
  ['a password of one pixel is refused', styled('width:1px;height:1px;padding:0;border:0'), 'user', refused('no-password-field')],
  ['a password left of the page is refused', styled('position:absolute;left:-3000px'), 'user', refused('no-password-field')],
  ['a password scaled to nothing is not filled', styled('transform:scale(0)'), 'user', kept('element-hidden')],
  ['a password above the page is not filled', styled('position:absolute;top:-3000px'), 'user', kept('element-hidden')],
  ['a password in a box without height is not filled', form(user(), `<div style="height:0;overflow:hidden">${password()}</div>`), 'user', kept('element-hidden')],
  ['a password that is cut away is refused', styled('clip-path:inset(50%)'), 'user', kept('element-hidden')],
  ['a password under something else is refused', login + over(46, 60, 'Please wait'), 'user', kept('element-hidden')],
  ['a password under something that a reader does not name is refused', login + over(46, 60, '', 'aria-hidden="true"'), 'user', kept('element-hidden')],
  ['a user field under something else is refused', login + over(0, 50, 'Please wait'), 'user', kept('element-hidden')],
  ['a password below the visible part of the page is filled', `${user()}<div style="height:2000px"></div>${password()}`, 'user', filled()],
  ['a form below the visible part of the page is filled', `<div style="height:2000px"></div>${login}`, 'user', filled()],
  ['a password with room for a few characters is filled', styled('width:40px'), 'user', filled()],
  ['a password in the colour of its ground is not filled', styled('border:0;outline:0;color:#fff;caret-color:#fff'), 'user', failed('element-hidden')],
  ['fields without an edge are filled', form(user('style="border:0;outline:0"'), password('style="border:0;outline:0"')), 'user', filled()],
  ['a form at the far end of the window is filled', `<div style="position:fixed;right:10px;bottom:10px">${login}</div>`, 'user', filled()],
  ['a password that is transparent is not filled', styled('opacity:0'), 'user', failed('element-hidden')],
  ['a password that is transparent over a picture is not filled', form(user(), `<p style="background:linear-gradient(90deg,#fff,#888)">${password('style="opacity:0"')}</p>`), 'user', failed('element-hidden')],
  ['a user field that is transparent is not filled', form(user('style="opacity:0"'), password()), 'user', failed('element-hidden')],
  ['a password under a layer that lets the mouse through is not filled', login + over(46, 60).replace('style="', 'style="pointer-events:none;'), 'user', failed('element-hidden')],
  ['a trap that is not displayed is left alone', trap('display:none'), 'user', filled()],
  ['a trap beside the page is left alone', trap('position:absolute;left:-3000px'), 'user', filled()],
  ['a trap without size is left alone', trap('height:0;overflow:hidden'), 'user', filled()],
];

const advance = (to: string, after: number, from = 'user'): string =>
  `${login}<input id="other" aria-label="Comment">${script(`let inputs = 0; ${from}.addEventListener('input', () => { if (++inputs === ${after}) document.getElementById('${to}').focus(); });`)}`;

export const beside: readonly Case[] = [
  ['a list of suggestions that is open does not matter', form(user('list="names"'), password(), '<datalist id="names"><option>operator.two<option>operator.three</datalist>'), 'user', filled(), { keys: ['Down'] }],
  ["a password manager's frame over the password is refused", login + over(46, 60, frame('menu', OTHER)), 'user', kept('element-hidden'), { frames: { menu: 'Choose' } }],
  ['a list that the page itself opens does not matter', `${login}<ul id="list" hidden><li>operator.two</ul>${script('user.oninput = () => { list.hidden = false; };')}`, 'user', filled()],
  ["a password manager's button beside the field does not matter", `${login}${script(`const button = document.createElement('div'); button.attachShadow({ mode: 'closed' }).innerHTML = '<button tabindex="-1">·</button>';
    button.style.cssText = 'position:absolute;left:290px;top:20px;z-index:9'; document.body.append(button);`)}`, 'user', filled()],
  ["a password manager's frame below the fields does not matter", login + `<div style="position:absolute;left:350px;top:20px">${frame('menu', OTHER)}</div>`, 'user', filled(), { frames: { menu: login.replaceAll('user', 'trap1').replaceAll('"password"', '"trap2"').replaceAll('type="trap2"', 'type="password"') } }],
  ['a label that lies over its field does not matter', form(user(), '<p style="position:relative"><label for="password" style="position:absolute;left:0;width:300px">Password</label><input id="password" type="password"></p>'), 'user', filled()],
  ['a page that goes on by itself when the name is done is filled', advance('password', 12), 'user', filled()],
  ['a page that goes on to the password while the name is typed', advance('password', 4), 'user', { ...failed('focus-lost', 'not-applied'), astray: ['password'] }],
  ['a page that goes on to a comment while the name is typed', advance('other', 5), 'user', { ...failed('focus-lost', 'not-applied'), astray: ['other'] }],
  ['a page that goes back to the name while the password is typed', advance('user', 5, 'password'), 'user', { ...failed('focus-lost', 'not-applied'), astray: ['user'] }],
  ['a page that goes on to a comment while the password is typed', advance('other', 5, 'password'), 'user', { ...failed('focus-lost', 'not-applied'), astray: ['other'] }],
];
