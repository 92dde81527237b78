// User names that are chosen from a list, where a rule says so.
import { NAME, chosen, failed, only, passwordOnly, refused, type Case } from '../case.ts';
import { form, login, password, script } from '../html.ts';

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

/** A form with a list that the page makes for itself: what is there at first, and the script that opens and closes it. */
const own = (made: string, code: string): string => form(`<p>User ${made}</p>`, password()) + script(`const closed = () => user.setAttribute('aria-expanded', 'false');
  const opened = () => user.setAttribute('aria-expanded', 'true'); ${code}`);
const box = (shown: string, more = ''): string => `<span id="user" role="combobox" tabindex="0" aria-label="User" aria-haspopup="listbox" aria-expanded="false" ${more}
  style="display:inline-block;width:200px;border:1px solid">${shown}</span>`;
const entries = (names: readonly string[]): string => names.map((name) => `<div role="option" tabindex="-1" aria-selected="false"><span>${name}</span></div>`).join('');
const listBox = (names: readonly string[], more = ''): string => `<div role="listbox" tabindex="-1" style="position:absolute;background:#fff" ${more}>${entries(names)}</div>`;

/** Beside the field and hidden, as the authoring practices of ARIA show it: the focus stays in the field. */
const beside = (names: readonly string[], shown = 'Choose', more = '', chose = ''): string => own(box(shown, `aria-controls="list" ${more}`) + listBox(names, 'id="list" hidden'), `
  const show = (is) => { list.hidden = !is; if (is) opened(); else closed(); };
  user.onclick = () => show(list.hidden);
  user.onblur = () => setTimeout(() => show(false), 50);
  user.onkeydown = (event) => { if (event.key === 'Escape') show(false); };
  for (const entry of list.children) {
    entry.onmousedown = (event) => event.preventDefault();
    entry.onclick = () => { user.textContent = entry.textContent; show(false); ${chose} };
  }`);

/** Made when it opens, over a page that is hidden from readers meanwhile; takes the focus, and fades out. */
const overAll = (names: readonly string[]): string => own(box('&ZeroWidthSpace;'), `
  user.onmousedown = (event) => {
    event.preventDefault();
    opened();
    const rest = [...document.body.children];
    const layer = document.createElement('div');
    layer.innerHTML = ${JSON.stringify(`<div style="position:fixed;inset:0"></div>${listBox(names)}`)};
    for (const part of rest) part.setAttribute('aria-hidden', 'true');
    document.body.append(layer);
    const close = () => {
      for (const part of rest) part.removeAttribute('aria-hidden');
      closed();
      user.focus();
      setTimeout(() => layer.remove(), 200);
    };
    layer.onkeydown = (event) => { if (event.key === 'Escape') close(); };
    for (const entry of layer.querySelectorAll('[role=option]')) entry.onclick = () => { user.textContent = entry.textContent; close(); };
    layer.querySelector('[role=option]').focus();
  };`);

/** Made when it opens, told by the field, which keeps the focus and points at an entry. */
const pointed = (names: readonly string[]): string => own(box('<span><b id="shown">Choose</b></span><i aria-hidden="true">v</i>'), `
  let layer;
  const close = () => { layer.remove(); for (const name of ['controls', 'activedescendant']) user.removeAttribute('aria-' + name); closed(); };
  user.onkeydown = (event) => { if (event.key === 'Escape') close(); };
  user.onclick = () => {
    if (user.ariaExpanded === 'true') return;
    layer = document.createElement('div');
    layer.innerHTML = ${JSON.stringify(listBox(names, 'id="list"'))};
    document.body.append(layer);
    const all = [...layer.querySelectorAll('[role=option]')];
    all.forEach((entry, at) => { entry.id = 'entry' + at; entry.onclick = () => { shown.textContent = entry.textContent; close(); }; });
    user.setAttribute('aria-controls', 'list');
    user.setAttribute('aria-activedescendant', 'entry0');
    opened();
  };`);

/** A read-only input with a list beside it. */
const readOnlyInput = (names: readonly string[]): string => own(
  `<input id="user" role="combobox" readonly aria-label="User" aria-haspopup="listbox" aria-expanded="false" aria-controls="list" value="Choose">${listBox(names, 'id="list" hidden')}`, `
  const show = (is) => { list.hidden = !is; if (is) opened(); else closed(); };
  user.onclick = () => show(list.hidden);
  user.onkeydown = (event) => { if (event.key === 'Escape') show(false); };
  for (const entry of list.children) entry.onclick = () => { user.value = entry.textContent; show(false); user.focus(); };`);

const untouched = { ...refused('option-missing'), closes: 'Escape' } as const;

export const ownLists: readonly Case[] = [
  ['of a list beside the field the option is chosen', beside([...OTHERS, NAME]), 'user', chosen(), select],
  ['of a list over the page the option is chosen', overAll([...OTHERS, NAME]), 'user', chosen(), select],
  ['of a list that the field points into the option is chosen', pointed([...OTHERS, NAME]), 'user', { ...chosen(), fields: { ...chosen().fields, user: `${NAME}v` } }, select],
  ['of the list of a read-only input the option is chosen', readOnlyInput([...OTHERS, NAME]), 'user', chosen(), select],
  ['the list of a read-only input without the person is closed again', readOnlyInput(OTHERS), 'user', untouched, select],
  ['of options that begin alike the one of the list is chosen', beside(['operator', `${NAME}.deputy`, NAME]), 'user', chosen(), select],
  ['a list beside the field without the person is closed again', beside(OTHERS), 'user', untouched, select],
  ['a list over the page without the person is closed again', overAll(OTHERS), 'user', untouched, select],
  ['a list that the field points into without the person is closed again', pointed(OTHERS), 'user', untouched, select],
  ['a list in which two have the name is closed again', beside([...OTHERS, NAME, NAME]), 'user', untouched, select],
  ['a list whose choice leads to another form gets no password', beside(['Choose', NAME], 'Choose', '', `password.outerHTML = '<input id="other" type="password">';`), 'user', failed('element-gone'), select],
  ['what opens without being a list is closed again', own(box('Choose') + '<p id="menu" hidden>operator.one</p>', `user.onclick = () => { menu.hidden = false; opened(); };
    user.onkeydown = (event) => { if (event.key === 'Escape') { menu.hidden = true; closed(); user.textContent = 'closed'; } };`), 'user', { ...untouched, fields: { user: 'closed' } }, select],
  ['a list that does not open is left alone', own(box('Choose'), ''), 'user', refused('option-missing'), select],
  ['a list of the page that shows the person stays', beside([...OTHERS, NAME], NAME), 'password', passwordOnly(), select],
  ['where a list of the page shows another person the password is refused', beside([...OTHERS, NAME], 'operator.two'), 'password', refused('other-user'), select],
  ['a list of the page is no user field without a rule', beside([...OTHERS, NAME]), 'user', refused('no-user-field')],
  ['a list of the page that cannot be changed is refused', beside([...OTHERS, NAME], 'Choose', 'aria-disabled="true"'), 'user', refused('other-user', 'no-user-field', 'element-hidden'), select],
];
