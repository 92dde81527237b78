// The script in every document of the suite: tells each key and each input that arrives there, and what its fields hold.
// It knows nothing of the product, and hooks itself in before any script of the page.

/** One event in a document. `text` is the character of a key, or the data of an input. */
export interface Arrival {
  readonly document: string;
  readonly event: 'keydown' | 'beforeinput' | 'input' | 'submit' | 'attack';
  readonly element: string;
  readonly text: string;
}

/** What a document says of itself. */
export interface Account {
  readonly document: string;
  readonly path: string;
  /** Text of each field by its id, shadow roots included; of a drop-down the chosen option, and of the page's own ones whether they are open. */
  readonly values: Readonly<Record<string, string>>;
  readonly focused: string;
}

/** `host` is where the socket is, as `127.0.0.1:4000`. */
export const snifferFor = (host: string): string => `(() => {
const name = crypto.randomUUID();
const roots = [document];
const hosts = new WeakSet();
const told = new WeakSet();
const socket = new WebSocket('ws://${host}/sniffer');
const waiting = [];
const tell = (message) => {
  const text = JSON.stringify({ ...message, document: name });
  if (socket.readyState === 1) socket.send(text); else waiting.push(text);
};
const idOf = (element) => element?.id || element?.name || element?.localName || '';
const listen = (root) => {
  for (const event of ['keydown', 'beforeinput', 'input', 'submit']) root.addEventListener(event, (what) => {
    if (hosts.has(what.target) || told.has(what)) return;
    told.add(what);
    if (event === 'submit') what.preventDefault();
    if (event !== 'keydown' && event !== 'submit' && !what.isTrusted) return;
    tell({ event, element: idOf(what.target), text: event === 'keydown' ? what.key : what.data ?? '' });
  }, true);
};
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) {
  const root = attach.call(this, options);
  hosts.add(this);
  roots.push(root);
  listen(root);
  return root;
};
listen(document);
document.addEventListener('attack', () => tell({ event: 'attack' }));
const all = (query) => roots.flatMap((root) => [...root.querySelectorAll(query)]);
const read = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').get;
const shown = (field) => field.localName === 'select' ? field.selectedOptions[0]?.text ?? ''
  : (field.localName === 'input' ? read.call(field) : field.value ?? field.textContent) + (field.ariaExpanded === 'true' ? ' (open)' : '');
const deepest = () => {
  let active = document.activeElement;
  for (let inner; (inner = roots.find((root) => root.host === active)?.activeElement); active = inner);
  return active;
};
const account = () => ({
  path: new URL(document.baseURI).pathname, focused: document.hasFocus() ? idOf(deepest()) : '',
  values: Object.fromEntries(all('input,textarea,select,[contenteditable],[role=combobox]').map((field, at) => [idOf(field) + (field.id || field.name ? '' : at), shown(field)])),
});
const until = (holds, then, tries = 300) => holds() || tries === 0 ? then() : setTimeout(() => until(holds, then, tries - 1), 5);
const painted = (then) => requestAnimationFrame(() => requestAnimationFrame(then));
socket.onmessage = ({ data }) => {
  const { id, focus, navigate, run } = JSON.parse(data);
  const answer = () => tell({ answer: id, account: account() });
  if (navigate !== undefined) {
    answer();
    document.dispatchEvent(new CustomEvent('leave'));
    return window === top && location.replace(navigate);
  }
  if (run !== undefined) { (0, eval)(run); return answer(); }
  if (focus === undefined) return answer();
  const element = all('[id="' + focus + '"]')[0];
  if (element === undefined) return answer();
  window.focus();
  element.focus();
  until(() => document.hasFocus() && idOf(deepest()) === focus, () => painted(answer));
};
const ready = new Promise((resolve) => addEventListener('load', resolve));
socket.onopen = () => { for (const text of waiting.splice(0)) socket.send(text); ready.then(() => tell({ ready: true, account: account() })); };
})();`;
