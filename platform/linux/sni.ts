// The icon in the system tray with its tooltip and menu: StatusNotifierItem and com.canonical.dbusmenu on the session bus.
import { interface as dbus, Variant } from '@jellybrick/dbus-next';
import type { MessageBus } from '@jellybrick/dbus-next';
import type { TrayIcon } from '../port.ts';
import { argb, COLOURS } from './pixmap.ts';
import { BUS_NAME } from './session-bus.ts';
import type { SessionBus } from './session-bus.ts';

const WATCHER = 'org.kde.StatusNotifierWatcher';
const ITEM = 'org.kde.StatusNotifierItem';
const MENU = 'com.canonical.dbusmenu';
const ITEM_PATH = '/StatusNotifierItem';
const MENU_PATH = '/Menu';
const SIZES = [22, 32, 48] as const;
const COLOUR_OF = { initializing: COLOURS.amber, connected: COLOURS.green, disconnected: COLOURS.red } as const;

export interface MenuItem {
  readonly id: string;
  readonly label: string;
}

/** Items of this process, as the specification numbers them. */
let count = 0;

/** Registers with the tray host as soon as there is an icon, and again with every new host and every new connection. */
export class TrayItem {
  readonly #bus: SessionBus;
  readonly #missing: (detail: string) => void;
  readonly #product: string;
  readonly #menu: MenuState = { items: [], chosen: () => {}, revision: 1 };
  readonly #name = `org.kde.StatusNotifierItem-${process.pid}-${++count}`;
  #icon: TrayIcon | null = null;

  constructor(bus: SessionBus, product: string, missing: (detail: string) => void) {
    this.#bus = bus;
    this.#missing = missing;
    this.#product = product;
    bus.onUp((connection) => this.#export(connection));
    bus.onSignal(({ member, body }) => {
      if (member === 'NameOwnerChanged' && body[0] === WATCHER && body[2] !== '' && this.#icon !== null) void this.#register();
    });
  }

  async icon(icon: TrayIcon): Promise<void> {
    const first = this.#icon === null;
    this.#icon = icon;
    if (first) return this.#register();
    this.#bus.signal(ITEM_PATH, ITEM, 'NewIcon');
    this.#bus.signal(ITEM_PATH, ITEM, 'NewToolTip');
  }

  menu(items: readonly MenuItem[], chosen: (id: string) => void): void {
    Object.assign(this.#menu, { items, chosen, revision: this.#menu.revision + 1 });
    this.#bus.signal(MENU_PATH, MENU, 'LayoutUpdated', 'ui', [this.#menu.revision, 0]);
  }

  async #export(connection: MessageBus): Promise<void> {
    connection.export(ITEM_PATH, new Item(this.#product, () => this.#icon ?? { state: 'initializing', tooltip: '' }));
    connection.export(MENU_PATH, new Menu(this.#menu));
    await this.#bus.call({
      destination: BUS_NAME, path: '/org/freedesktop/DBus', interface: BUS_NAME, member: 'RequestName', signature: 'su', body: [this.#name, 0],
    });
    await this.#bus.match(`type='signal',sender='${BUS_NAME}',member='NameOwnerChanged',arg0='${WATCHER}'`);
    if (this.#icon !== null) await this.#register();
  }

  async #register(): Promise<void> {
    const answer = await this.#bus.call({
      destination: WATCHER, path: '/StatusNotifierWatcher', interface: WATCHER,
      member: 'RegisterStatusNotifierItem', signature: 's', body: [this.#name],
    });
    if ('error' in answer) this.#missing(`no tray host took the icon (${answer.error})`);
  }
}

/** An object on the bus whose members are configured on its class: the library's own fields would hide them. */
class Exported extends dbus.Interface {
  constructor(name: string) {
    super(name);
    for (const field of ['$properties', '$methods', '$signals'] as const) delete this[field];
  }
}

class Item extends Exported {
  readonly #product: string;
  readonly #icon: () => TrayIcon;

  constructor(product: string, icon: () => TrayIcon) {
    super(ITEM);
    this.#product = product;
    this.#icon = icon;
  }

  get Category() { return 'ApplicationStatus'; }
  get Id() { return this.#product.toLowerCase(); }
  get Title() { return this.#product; }
  get Status() { return 'Active'; }
  get WindowId() { return 0; }
  get IconName() { return ''; }
  get IconPixmap() { return SIZES.map((size) => [size, size, argb(size, COLOUR_OF[this.#icon().state])]); }
  get ToolTip() { return ['', [], this.#icon().tooltip, '']; }
  get ItemIsMenu() { return true; }
  get Menu() { return MENU_PATH; }
  Activate() {}
  SecondaryActivate() {}
  ContextMenu() {}
  Scroll() {}
  NewIcon() {}
  NewToolTip() {}
}
Item.configureMembers({
  properties: readable({
    Category: 's', Id: 's', Title: 's', Status: 's', WindowId: 'i', IconName: 's', IconPixmap: 'a(iiay)',
    ToolTip: '(sa(iiay)ss)', ItemIsMenu: 'b', Menu: 'o',
  }),
  methods: {
    Activate: { inSignature: 'ii' }, SecondaryActivate: { inSignature: 'ii' },
    ContextMenu: { inSignature: 'ii' }, Scroll: { inSignature: 'is' },
  },
  signals: { NewIcon: {}, NewToolTip: {} },
});

interface MenuState {
  items: readonly MenuItem[];
  chosen: (id: string) => void;
  revision: number;
}

type Row = [number, Record<string, Variant>];

class Menu extends Exported {
  readonly #state: MenuState;

  constructor(state: MenuState) {
    super(MENU);
    this.#state = state;
  }

  get Version() { return 3; }
  get Status() { return 'normal'; }
  get TextDirection() { return 'ltr'; }
  get IconThemePath() { return []; }

  GetLayout(parent: number) {
    const children = parent === 0 ? this.#rows().map((row) => new Variant('(ia{sv}av)', [...row, []])) : [];
    const own = parent === 0 ? { 'children-display': new Variant('s', 'submenu') } : (this.#row(parent)?.[1] ?? {});
    return [this.#state.revision, [parent, own, children]];
  }
  GetGroupProperties(ids: readonly number[]) { return this.#rows().filter(([id]) => ids.length === 0 || ids.includes(id)); }
  GetProperty(id: number, name: string) { return this.#row(id)?.[1][name] ?? new Variant('s', ''); }
  Event(id: number, type: string) {
    const item = this.#state.items[id - 1];
    if (type === 'clicked' && item !== undefined) this.#state.chosen(item.id);
  }
  EventGroup(events: readonly [number, string][]) {
    for (const [id, type] of events) this.Event(id, type);
    return [];
  }
  AboutToShow() { return false; }
  AboutToShowGroup() { return [[], []]; }
  LayoutUpdated() { return [this.#state.revision, 0]; }

  #rows(): Row[] {
    return this.#state.items.map(({ label }, index) => [index + 1, {
      label: new Variant('s', label.replaceAll('_', '__')), enabled: new Variant('b', true), visible: new Variant('b', true),
    }]);
  }

  #row(id: number): Row | undefined {
    return this.#rows()[id - 1];
  }
}
Menu.configureMembers({
  properties: readable({ Version: 'u', Status: 's', TextDirection: 's', IconThemePath: 'as' }),
  methods: {
    GetLayout: { inSignature: 'iias', outSignature: 'u(ia{sv}av)' },
    GetGroupProperties: { inSignature: 'aias', outSignature: 'a(ia{sv})' },
    GetProperty: { inSignature: 'is', outSignature: 'v' },
    Event: { inSignature: 'isvu' },
    EventGroup: { inSignature: 'a(isvu)', outSignature: 'ai' },
    AboutToShow: { inSignature: 'i', outSignature: 'b' },
    AboutToShowGroup: { inSignature: 'ai', outSignature: 'aiai' },
  },
  signals: { LayoutUpdated: { signature: 'ui' } },
});

function readable(signatures: Readonly<Record<string, string>>): Record<string, { signature: string; access: 'read' }> {
  return Object.fromEntries(Object.entries(signatures).map(([name, signature]) => [name, { signature, access: 'read' }]));
}
