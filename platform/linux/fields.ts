// Fields of a document or window: which there are, in reading order, and what may be said of them.
import { FieldRole } from '../port.ts';
import type { Field } from '../port.ts';
import { BusError } from './bus.ts';
import { Role, State, Toolkit, hasState, refOf, sameElement } from './atspi.ts';
import type { Accessibility, Element, StateSet } from './atspi.ts';
import type { Rectangle } from './x11.ts';

/** Numeric roles that are fields; several toolkits call role 40 something else, so the number counts. */
const FIELD_ROLES: Readonly<Record<number, FieldRole>> = {
  [Role.entry]: FieldRole.text,
  [Role.text]: FieldRole.text,
  [Role.passwordText]: FieldRole.password,
  [Role.comboBox]: FieldRole.select,
};
/** The role of a field, null if it is none. A list that can be written into, as an address bar, is a text; a read-only text with a list is a list. */
export function fieldRoleOf(role: number, states: StateSet): FieldRole | null {
  if (role === Role.comboBox && hasState(states, State.editable) && !hasState(states, State.readOnly)) return FieldRole.text;
  return FIELD_ROLES[role] ?? null;
}

/** What of an element does not change while it lives. */
interface Statics {
  readonly label: string;
  readonly htmlId: string;
  readonly htmlName: string;
}

interface Described {
  readonly field: Field;
  readonly at: Rectangle;
}

const ROLES = Object.keys(FIELD_ROLES).map(Number);
const DOCUMENT_ROLES: readonly number[] = [Role.documentWeb, Role.documentFrame];
const STATICS_MAX = 512;
const NAMED_BY_CHOICE: readonly string[] = [Toolkit.gtk3, Toolkit.qt];
const WALK_DEPTH_MAX = 40;
const WALK_ELEMENTS_MAX = 4000;
const FIELDS_MAX = 64;
const FORMS_MAX = 32;
/** A field smaller than this cannot be seen, on a screen of many pixels either. */
const SIZE_MIN = 8;

export class Fields {
  readonly #a11y: Accessibility;
  readonly #statics = new Map<string, Statics>();

  constructor(a11y: Accessibility) {
    this.#a11y = a11y;
  }

  /** Fields of a document, without those of documents inside it. Throws `BusError`. */
  async ofDocument(document: Element): Promise<Field[]> {
    const [own, forms] = await Promise.all([this.#ownFields(document), this.#a11y.matches(document, { roles: [Role.form] })]);
    const [owners, described] = await Promise.all([this.#formOwners(forms.slice(0, FORMS_MAX)), this.#describeAll(own)]);
    return described.map(({ field }) => ({ ...field, form: owners.get(field.ref) ?? null }));
  }

  /** Fields of a window by their place on the screen, without those of documents: an address bar has no password. Throws `BusError`. */
  async ofWindow(frame: Element): Promise<Field[]> {
    const described = await this.#describeAll(await this.#find(frame));
    return inReadingOrder(described.filter(({ field }) => field.visible)).map(({ field }) => field);
  }

  // A program without Collection is walked, all children of an element at once.
  async #find(frame: Element): Promise<Element[]> {
    try {
      return await this.#ownFields(frame);
    } catch (error) {
      if (!isUnsupported(error)) throw error;
      return walk(this.#a11y, frame, (role) => ROLES.includes(role) || DOCUMENT_ROLES.includes(role));
    }
  }

  async #ownFields(root: Element): Promise<Element[]> {
    const [all, documents] = await Promise.all([
      this.#a11y.matches(root, { roles: ROLES }), this.#a11y.matches(root, { roles: DOCUMENT_ROLES }),
    ]);
    const inner = documents.filter((document) => !sameElement(document, root));
    const lists = await Promise.all(inner.map((document) => this.#a11y.matches(document, { roles: ROLES })));
    const foreign = new Set(lists.flat().map(refOf));
    return all.filter((element) => !foreign.has(refOf(element)));
  }

  async #formOwners(forms: readonly Element[]): Promise<Map<string, string>> {
    const lists = await Promise.all(forms.map((form) => this.#a11y.matches(form, { roles: ROLES })));
    return new Map(lists.flatMap((list, at) => list.map((element) => [refOf(element), refOf(forms[at] as Element)] as const)));
  }

  async #describeAll(list: readonly Element[]): Promise<Described[]> {
    const described = await Promise.all(list.slice(0, FIELDS_MAX).map((element) => this.#describe(element)));
    return described.filter((one) => one !== null);
  }

  async #describe(element: Element): Promise<Described | null> {
    const ref = refOf(element);
    const [roleNumber, states, at, count] = await Promise.all([
      this.#a11y.role(element), this.#a11y.states(element), this.#a11y.extents(element), this.#a11y.characterCount(element).catch(() => 0),
    ]);
    const role = fieldRoleOf(roleNumber, states);
    if (role === null) return null;
    const statics = await this.#staticsOf(element, ref, role);
    const empty = role !== FieldRole.select && count === 0;
    const visible = hasState(states, State.visible) && at.width >= SIZE_MIN && at.height >= SIZE_MIN && at.x + at.width > 0;
    const editable = isEditable(role, states);
    return { at, field: { ref, role, ...statics, autocomplete: '', form: null, visible, editable, empty } };
  }

  async #staticsOf(element: Element, ref: string, role: FieldRole): Promise<Statics> {
    const before = this.#statics.get(ref);
    if (before !== undefined) return before;
    if (this.#statics.size >= STATICS_MAX) this.#statics.clear();
    const [name, attributes, toolkit] = await Promise.all([
      this.#a11y.name(element), this.#a11y.attributes(element), this.#a11y.toolkitOf(element.sender),
    ]);
    // The name of a drop-down of GTK or Qt is what is chosen in it, which is nobody's business here.
    const telling = name !== '' && !(role === FieldRole.select && NAMED_BY_CHOICE.includes(toolkit));
    const label = telling ? name : await this.#a11y.labelledBy(element);
    const statics = { label, htmlId: attributes['id'] ?? '', htmlName: attributes['html-input-name'] ?? '' };
    // Firefox tells of a new element before it knows all of it: of its tag first, of its style, of its id. Without one it is asked again.
    const known = toolkit === Toolkit.firefox ? 'display' in attributes && 'id' in attributes : label !== '' || Object.keys(attributes).length > 0;
    if (known) this.#statics.set(ref, statics);
    return statics;
  }
}

/** Enabled and not read-only. GTK tells a read-only entry by the missing mark, Chromium by one of its own, in place of the enabled one. */
export function isEditable(role: FieldRole, states: StateSet): boolean {
  const enabled = hasState(states, State.enabled) || hasState(states, State.sensitive);
  const readOnly = hasState(states, State.readOnly);
  return role === FieldRole.select ? enabled || readOnly : enabled && !readOnly && hasState(states, State.editable);
}

/** True if the program does not know the interface or member that was called. */
export const isUnsupported = (error: unknown): boolean =>
  error instanceof BusError && /\.(UnknownMethod|UnknownInterface|NotSupported|UnknownObject)$/.test(error.error);

/** Elements from `root` down that `wanted` accepts, in tree order; nothing is looked for inside of those. Throws `BusError`. */
export async function walk(
  a11y: Accessibility, root: Element, wanted: (role: number, element: Element) => boolean | Promise<boolean>,
): Promise<Element[]> {
  let seen = 0;
  const visit = async (element: Element, depth: number): Promise<Element[]> => {
    if (depth > WALK_DEPTH_MAX || ++seen > WALK_ELEMENTS_MAX) return [];
    const role = await a11y.role(element);
    if (await wanted(role, element)) return [element];
    // A window has many labels, and nothing inside of them.
    if (role === Role.label) return [];
    const children = await a11y.children(element);
    return (await Promise.all(children.map((child) => visit(child, depth + 1)))).flat();
  };
  return visit(root, 0);
}

// Native containers list their children in the order of their making; people read by place.
const inReadingOrder = <T extends { readonly at: Rectangle }>(list: readonly T[]): T[] => [...list].sort((a, b) => comparePlaces(a.at, b.at));

/** Negative if a person reads `a` before `b`. */
export function comparePlaces(a: Rectangle, b: Rectangle): number {
  const sameLine = Math.abs(a.y - b.y) <= Math.min(a.height, b.height) / 2;
  return sameLine ? a.x - b.x : a.y - b.y;
}
