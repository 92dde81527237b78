// Inputs that a script owns, in the style of the frameworks that do so, and pages that render their fields anew.
import { failed, filled, refused, type Case } from '../case.ts';
import { login, script, user, password, form } from '../html.ts';

const NATIVE = "const native = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value');";

/** As React does: its own assignments are tracked on the element, an event without a change to that is none, and each render sets the value from the state. */
const react = (render: string): string => login + script(`${NATIVE}
  const state = { user: '', password: '' };
  const tracked = new WeakMap();
  const inputs = [...document.querySelectorAll('input')];
  for (const input of inputs) Object.defineProperty(input, 'value', { configurable: true,
    get() { return native.get.call(this); }, set(text) { tracked.set(this, text); native.set.call(this, text); } });
  const draw = () => { for (const input of inputs) if (native.get.call(input) !== state[input.name]) input.value = state[input.name]; };
  document.addEventListener('input', ({ target }) => {
    const text = native.get.call(target);
    if (text === (tracked.get(target) ?? '')) return;
    tracked.set(target, text);
    state[target.name] = text;
    ${render}
  });
  setInterval(draw, 20);`);

/** As Vue's v-model.lazy: the state follows \`change\`, and each field is drawn from it once it has lost the focus. */
const lazy = login + script(`const state = {};
  document.addEventListener('change', ({ target }) => { state[target.name] = target.value; });
  document.addEventListener('focusout', ({ target }) => queueMicrotask(() => { target.value = state[target.name] ?? ''; }));`);

/** As Angular's reactive forms: a model with validators, that writes each value back after it is judged, and marks what was touched. */
const reactive = login + script(`const model = { user: '', password: '' };
  document.addEventListener('input', ({ target }) => {
    model[target.name] = target.value;
    target.className = model[target.name] === '' ? 'ng-dirty ng-invalid' : 'ng-dirty ng-valid';
    Promise.resolve().then(() => { if (target.value !== model[target.name]) target.value = model[target.name]; });
    document.querySelector('button').disabled = Object.values(model).includes('');
  });
  document.addEventListener('blur', ({ target }) => target.classList?.add('ng-touched'), true);`);

/** No assignment by a script takes effect, but for what the page itself drew from keys that it saw. */
const sealed = login + script(`${NATIVE} for (const input of document.querySelectorAll('input'))
  Object.defineProperty(input, 'value', { get() { return native.get.call(this); }, set() { throw new Error('not by script'); } });`);

/** The page takes each key itself and shows what it made of it, as editors do. */
const own = (event: 'keydown' | 'beforeinput'): string => login + script(event === 'keydown'
  ? `document.addEventListener('keydown', (event) => { if (event.key.length > 1 || event.ctrlKey) return;
      event.preventDefault(); event.target.value += event.key; });`
  : `document.addEventListener('beforeinput', (event) => { if (event.inputType !== 'insertText') return;
      event.preventDefault(); event.target.value += event.data; });`);

const anew = (field: string, on: string): string => login + script(`const renew = () => {
  const old = document.getElementById('${field}');
  const fresh = old.cloneNode(); fresh.value = ''; old.replaceWith(fresh); return fresh; };
  ${on}`);

export const frameworks: readonly Case[] = [
  ['a controlled input is filled', react('draw();'), 'user', filled()],
  ['a controlled input that renders later is filled', react('setTimeout(draw);'), 'user', filled()],
  ['a controlled input that renders in the next frame is filled', react('requestAnimationFrame(draw);'), 'user', filled()],
  ['a lazy model is filled', lazy, 'user', filled()],
  ['a reactive form is filled', reactive, 'user', filled()],
  ['inputs that no script may set are filled', sealed, 'user', filled()],
  ['a page that takes the keys itself is filled', own('keydown'), 'user', filled()],
  ['a page that takes the inputs itself is filled', own('beforeinput'), 'user', filled()],
  ['fields that come to be by a script are filled', `<div id="app"></div>${script(`app.innerHTML = ${JSON.stringify(form(user(), password()))};`)}`, 'user', filled()],
];

export const rendering: readonly Case[] = [
  ['a user field that is rendered anew by its focus is filled as the new one',
    anew('user', "user.addEventListener('focus', () => queueMicrotask(() => renew().focus()), { once: true });"), 'user', filled()],
  ['a password that is rendered anew while the name is typed gets nothing',
    anew('password', "user.addEventListener('input', () => renew(), { once: true });"), 'user', failed('element-gone')],
  ['a password that is rendered anew when the name is done gets nothing',
    anew('password', "user.addEventListener('change', () => renew(), { once: true });"), 'user', failed('element-gone', 'focus-lost')],
  ['a password that is rendered anew while it is typed keeps nothing',
    anew('password', "password.addEventListener('input', () => renew(), { once: true });"), 'user', failed('element-gone', 'focus-lost', 'not-applied', 'deadline:injection')],
  ['a password that is rendered anew and focused again while it is typed keeps nothing',
    anew('password', "password.addEventListener('input', () => renew().focus(), { once: true });"), 'user',
    { ...failed('element-gone', 'focus-lost', 'not-applied', 'deadline:injection'), astray: ['password'] }],
  ['a user field that is rendered anew while it is typed keeps nothing',
    anew('user', "user.addEventListener('input', () => renew().focus(), { once: true });"), 'user',
    { ...failed('element-gone', 'focus-lost', 'not-applied', 'deadline:injection'), astray: ['user'] }],
  ['a form around is rendered anew, the fields are the same', login + script("user.addEventListener('input', () => { document.body.append(document.createElement('hr')); });"), 'user', filled()],
  ['a page that empties the name when it is left gets no password that stays', login + script("user.addEventListener('blur', () => { user.value = ''; });"), 'user', failed('not-applied')],
  ['a page that empties the name for the password is no filled form', login + script("password.addEventListener('input', () => { user.value = ''; });"), 'user', failed('not-applied')],
  ['a password that is there only after the name is refused before', `${form(user())}${script(`user.oninput = () => { if (document.forms[0].children.length < 3) user.closest('p').insertAdjacentHTML('afterend', ${JSON.stringify(password())}); };`)}`, 'user', refused('no-password-field')],
];
