// Where fields may be: shadow trees, frames, dialogs, popovers.
import { filled, only, refused, type Case } from '../case.ts';
import { OTHER, NAMED, field, form, frame, inShadow, login, password, script, user } from '../html.ts';

const another = form(user('', 'user2'), password('', 'password2'));
const nested = `${inShadow('open', '<div id="inner"></div>')}${script(`const inner = document.getElementById('hostopen0').shadowRoot.getElementById('inner');
  inner.attachShadow({ mode: 'closed' }).innerHTML = ${JSON.stringify(login)};`)}`;

export const shadows: readonly Case[] = [
  ['an open shadow tree is filled', inShadow('open', login), 'user', filled()],
  ['a closed shadow tree is filled', inShadow('closed', login), 'user', filled()],
  ['each field in an open shadow tree of its own is filled', inShadow('open', user(), password()), 'user', filled()],
  ['each field in a closed shadow tree of its own is filled', inShadow('closed', user(), password()), 'user', filled()],
  ['a shadow tree in a shadow tree is filled', nested, 'user', filled()],
  ['slotted fields are filled', `<div id="card">${login}</div>${script("card.attachShadow({ mode: 'open' }).innerHTML = '<h2>Sign in</h2><slot></slot>';")}`, 'user', filled()],
  ['a form across a shadow tree is filled', `<form>${inShadow('open', user())}${password()}</form>`, 'user', filled()],
];

export const frames: readonly Case[] = [
  ['a frame of the same origin is filled', frame('inner'), 'user', filled(), { frames: { inner: login } }],
  ['a frame in a frame of the same origin is filled', frame('outer'), 'user', filled(), { frames: { outer: frame('inner'), inner: login } }],
  ['beside a frame with another form the page is filled', login + frame('inner'), 'user', filled(), { frames: { inner: another } }],
  ['beside the form of the page a frame is filled', login + frame('inner'), 'user2', filled('user2', 'password2'), { frames: { inner: another } }],
  ['a password in a frame is not of the user field in the page', user() + frame('inner'), 'user', refused('no-password-field'), { frames: { inner: password() } }],
  ['a frame of another port is refused without a rule', frame('inner', OTHER), 'user', refused('not-configured'), { frames: { inner: login } }],
  ['a frame of another host is refused without a rule', frame('inner', NAMED), 'user', refused('not-configured'), { frames: { inner: login } }],
  ['a frame of another origin is refused where a rule allows the page', frame('inner', OTHER), 'user', refused('not-configured'),
    { frames: { inner: login }, ...only(({ page }) => ({ applicationUrl: `${page}/*` })) }],
  ['a frame of another origin is refused where a rule allows the browser', frame('inner', OTHER), 'user', refused('not-configured'),
    { frames: { inner: login }, ...only(() => ({ processName: 'chromium' })) }],
  ['a frame of another origin is filled where a rule allows its URL', frame('inner', OTHER), 'user', filled(),
    { frames: { inner: login }, ...only(({ other }) => ({ applicationUrl: `${other}/*` })) }],
  ['a frame of the same origin is filled where a rule allows the browser', frame('inner'), 'user', filled(), { frames: { inner: login }, ...only(() => ({ processName: 'chromium' })) }],
  ['a frame without an address of its own is refused', `<iframe title="Frame" srcdoc="&lt;script src='/sniffer.js'>&lt;/script>${login.replaceAll('"', "'")}"></iframe>`, 'user', refused('not-configured')],
  ['a frame of another origin in a frame of the page is refused', frame('outer'), 'user', refused('not-configured'), { frames: { outer: frame('inner', OTHER), inner: login } }],
];

export const dialogs: readonly Case[] = [
  ['a modal dialog is filled', `<dialog id="box">${login}</dialog>${script('box.showModal();')}`, 'user', filled()],
  ['a modal dialog is filled, the form behind it left alone', `${another}<dialog id="box">${login}</dialog>${script('box.showModal();')}`, 'user', filled()],
  ['a dialog that is not modal is filled', `${another}<dialog id="box">${login}</dialog>${script('box.show();')}`, 'user', filled()],
  ['beside a closed dialog the page is filled', `<dialog>${another}</dialog>${login}`, 'user', filled()],
  ['a popover is filled', `${another}<div id="box" popover>${login}</div>${script('box.showPopover();')}`, 'user', filled()],
  ['beside a hidden popover the page is filled', `<div popover>${another}</div>${login}`, 'user', filled()],
  ['a layer over the page is filled', `${user('', 'user2')}${password('', 'password2')}<div role="dialog" style="position:fixed;inset:0;background:white">${user()}${password()}</div>`, 'user', filled()],
  ['a dialog that asks for a comment is no login', `${login}<dialog id="box"><form>${field('comment', 'Comment')}</form></dialog>${script('box.showModal();')}`, 'comment', refused('no-user-field', 'no-password-field')],
];
