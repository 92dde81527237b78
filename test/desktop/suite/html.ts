// Pieces of pages, so that a case shows what is special about it and nothing else.

/** A labelled field: `<p><label>User name <input …></label></p>`; `more` are further attributes. */
export const field = (id: string, label: string, more = ''): string => `<p><label>${label} <input id="${id}" name="${id}" ${more}></label></p>`;
export const user = (more = '', id = 'user', label = 'User name'): string => field(id, label, more);
export const password = (more = '', id = 'password', label = 'Password'): string => field(id, label, `type="password" ${more}`);
export const form = (...parts: readonly string[]): string => `<form>${parts.join('')}<button>Sign in</button></form>`;
export const script = (code: string): string => `<script>${code}</script>`;
export const login = form(user(), password());

/** A frame of the page: `name` is one of the case's frames. `OTHER` in front: from another origin. */
export const frame = (name: string, from = ''): string => `<iframe src="${from}${name}" title="Frame" style="width:700px;height:260px"></iframe>`;
/** Stands for the second origin, another port of the same address; the site puts it in. */
export const OTHER = '{other}';
/** Stands for the first origin under another name of the host. */
export const NAMED = '{named}';

/** Wraps the parts into custom elements with a shadow root of that mode. */
export const inShadow = (mode: 'open' | 'closed', ...parts: readonly string[]): string => parts.map((part, at) =>
  `<div id="host${mode}${at}"></div>${script(`document.getElementById('host${mode}${at}').attachShadow({mode:'${mode}'}).innerHTML=${JSON.stringify(part)}`)}`).join('');

/** Lies over everything that comes before it, `top` to `bottom` in pixels of the page. */
export const over = (top: number, height: number, inner = '', more = ''): string =>
  `<div style="position:absolute;left:0;top:${top}px;width:100%;height:${height}px;background:#ddd" ${more}>${inner}</div>`;
