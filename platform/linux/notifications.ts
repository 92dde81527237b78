// Alerts above the tray: org.freedesktop.Notifications, coloured by level, gone after their time whatever the server thinks.
import { Variant } from '@jellybrick/dbus-next';
import type { Alert, AlertLevel } from '../port.ts';
import { COLOURS, rgba } from './pixmap.ts';
import type { Colour } from './pixmap.ts';
import { BUS_NAME } from './session-bus.ts';
import type { SessionBus } from './session-bus.ts';

const SERVER = 'org.freedesktop.Notifications';
/** Each of its bytes takes the library a microsecond to send, while a fill needs the processor. */
const IMAGE_SIZE = 32;
/** More than this on the screen at once: the oldest goes. */
const SHOWN_MAX = 4;

interface Look {
  readonly colour: Colour;
  readonly icon: string;
  /** 1 normal, 2 critical; a server may hide what is below. */
  readonly urgency: number;
}
const LOOKS: Readonly<Record<AlertLevel, Look>> = {
  error: { colour: COLOURS.red, icon: 'dialog-error', urgency: 2 },
  warning: { colour: COLOURS.amber, icon: 'dialog-warning', urgency: 1 },
  information: { colour: COLOURS.blue, icon: 'dialog-information', urgency: 1 },
  success: { colour: COLOURS.green, icon: 'emblem-default', urgency: 1 },
};

export class Notifications {
  readonly #bus: SessionBus;
  readonly #product: string;
  readonly #missing: (detail: string) => void;
  /** Shown alerts, oldest first, with the timer that closes each. */
  readonly #shown = new Map<number, NodeJS.Timeout>();
  /** Notifications that stay until dismissed. */
  readonly #staying = new Map<number, () => void>();
  /** Closed before the answer that names them was read: both can come in one piece. */
  readonly #early = new Set<number>();
  #asking = 0;

  constructor(bus: SessionBus, product: string, missing: (detail: string) => void) {
    this.#bus = bus;
    this.#product = product;
    this.#missing = missing;
    bus.onUp(async () => {
      this.#forget();
      await bus.match(`type='signal',interface='${SERVER}',member='NotificationClosed'`);
      await bus.match(`type='signal',sender='${BUS_NAME}',member='NameOwnerChanged',arg0='${SERVER}'`);
    });
    bus.onSignal(({ member, interface: from, body }) => {
      if (from === SERVER && member === 'NotificationClosed') this.#heardClosed(Number(body[0]));
      if (from === BUS_NAME && member === 'NameOwnerChanged' && body[0] === SERVER) this.#forget();
    });
  }

  /** Resolves when it is shown, or cannot be. */
  async alert(alert: Alert): Promise<void> {
    const id = await this.#notify(alert, LOOKS[alert.level].urgency);
    if (id === null) return;
    clearTimeout(this.#shown.get(id));
    this.#shown.set(id, setTimeout(() => void this.#close(id), alert.forMs));
    const [oldest] = this.#shown.keys();
    if (this.#shown.size > SHOWN_MAX && oldest !== undefined) await this.#close(oldest);
  }

  /** Stays until the person dismisses it; resolves then, or at once where it cannot be shown. */
  async stay(title: string, message: string): Promise<void> {
    const id = await this.#notify({ level: 'error', title, message, forMs: 0 }, 2);
    if (id !== null) await new Promise<void>((resolve) => this.#staying.set(id, resolve));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#shown.keys(), ...this.#staying.keys()].map((id) => this.#close(id)));
    this.#forget();
  }

  /** Id of the notification; null if it could not be shown or is gone already. */
  async #notify({ level, title, message, forMs }: Alert, urgency: number): Promise<number | null> {
    const { colour, icon } = LOOKS[level];
    const hints = {
      'urgency': new Variant('y', urgency),
      'category': new Variant('s', 'device'),
      'transient': new Variant('b', forMs > 0),
      'image-data': new Variant('(iiibiiay)', [IMAGE_SIZE, IMAGE_SIZE, IMAGE_SIZE * 4, true, 8, 4, rgba(IMAGE_SIZE, colour)]),
      'frcolor': new Variant('s', hex(colour)),
    };
    const body = (await this.#understandsMarkup()) ? escaped(message) : message;
    this.#asking++;
    const answer = await this.#call('Notify', 'susssasa{sv}i', [this.#product, 0, icon, title, body, [], hints, forMs]);
    this.#asking--;
    const id = answer === null ? null : Number(answer[0]);
    const gone = id !== null && this.#early.has(id);
    if (this.#asking === 0) this.#early.clear();
    return gone ? null : id;
  }

  async #understandsMarkup(): Promise<boolean> {
    const answer = await this.#call('GetCapabilities', '', []);
    return Array.isArray(answer?.[0]) && answer[0].includes('body-markup');
  }

  async #close(id: number): Promise<void> {
    this.#closed(id);
    await this.#call('CloseNotification', 'u', [id]);
  }

  async #call(member: string, signature: string, body: unknown[]): Promise<readonly unknown[] | null> {
    const answer = await this.#bus.call({ destination: SERVER, path: '/org/freedesktop/Notifications', interface: SERVER, member, signature, body });
    if ('body' in answer) return answer.body;
    if (member === 'Notify') this.#missing(`no notification server took the alert (${answer.error})`);
    return null;
  }

  #heardClosed(id: number): void {
    if (this.#shown.has(id) || this.#staying.has(id)) this.#closed(id);
    else if (this.#asking > 0) this.#early.add(id);
  }

  #closed(id: number): void {
    clearTimeout(this.#shown.get(id));
    this.#shown.delete(id);
    this.#staying.get(id)?.();
    this.#staying.delete(id);
  }

  /** A new server knows nothing of the ids that the old one gave. */
  #forget(): void {
    for (const id of [...this.#shown.keys(), ...this.#staying.keys()]) this.#closed(id);
  }
}

const hex = ({ red, green, blue }: Colour): string => `#${Buffer.from([red, green, blue]).toString('hex')}`;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
