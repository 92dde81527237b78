// The whole system in one process and in virtual time: the decisions and deeds of every actor as they are, joined by a
// network that fails, at a desk where people tap, with actors that die at any moment. Everything comes from one seed.
import type { ActorName } from '../../contracts/actors.ts';
import type { Message } from '../../contracts/catalogue.ts';
import type { Outcome, Reason } from '../../contracts/reasons.ts';
import { Secret } from '../../contracts/secret.ts';
import { targetHash, type Target } from '../../contracts/target.ts';
import { SettingsSchema } from '../../config/schema.ts';
import { actOn } from '../../platform/virtual/act.ts';
import { handsOn } from '../../platform/virtual/hands.ts';
import { lookAt } from '../../platform/virtual/look.ts';
import { VirtualDesktop } from '../../platform/virtual/world.ts';
import { Taps as AuditTaps } from '../../services/audit/taps.ts';
import type { AuditBody } from '../../services/audit/record.ts';
import { Taps as BrokerTaps, type SealOrder } from '../../services/credential-broker/taps.ts';
import { leftBehind as injectorLeft, type Entry as InjectorEntry } from '../../services/injector/entries.ts';
import { repair, Taps as InjectorTaps, type Issued } from '../../services/injector/taps.ts';
import type { Entry as ListenerEntry } from '../../services/tap-listener/entries.ts';
import { Taps as ListenerTaps } from '../../services/tap-listener/taps.ts';
import { answer } from '../../services/window-resolver/taps.ts';
import { slowDesk } from './desk.ts';
import { AuditDisk, JournalFile } from './disk.ts';
import { Network, SESSION, type Life } from './network.ts';
import { bandAnswer, gesture, nesAnswer, PEOPLE, SUPPRESSED, type Tapped } from './people.ts';
import { Chance, VirtualTime } from './time.ts';

/** What happened, in order; the invariants are judged by it. */
export type Fact = { readonly atUs: number } & (
  | { readonly fact: 'tapped'; readonly band: string }
  | { readonly fact: 'disturbed' }
  | { readonly fact: 'accepted'; readonly tap: string; readonly band: string; readonly tappedUs: number; readonly deadlineUs: number }
  | { readonly fact: 'committed' | 'granted' | 'intended' | 'received'; readonly tap: string }
  | { readonly fact: 'ended' | 'shown' | 'recorded'; readonly tap: string; readonly outcome: Outcome; readonly reason: Reason }
  | { readonly fact: 'noted'; readonly tap: string; readonly detail: string }
  | { readonly fact: 'typed'; readonly tap: string | null; readonly askedUs: number }
  /** The form holds what it should, and did so after the last key. */
  | { readonly fact: 'filled'; readonly tap: string; readonly right: boolean; readonly wasRight: boolean }
  /** A fill failed; characters of the password that are left where they could be reached. */
  | { readonly fact: 'failed'; readonly tap: string; readonly reason: Reason; readonly leftCharacters: number }
  | { readonly fact: 'killed'; readonly actor: ActorName }
);
type Unstamped = Fact extends infer F ? (F extends Fact ? Omit<F, 'atUs'> : never) : never;

export const { budget } = SettingsSchema.parse({});
const RULES = { included: [], suppressed: [SUPPRESSED] };
const QUIET = { info: () => {}, warn: () => {}, error: () => {} };
const MORTALS: readonly ActorName[] = ['tap-listener', 'window-resolver', 'credential-broker', 'injector', 'audit', 'tray', 'nes-gateway'];
const STEPS_MAX = 60_000;
const PLAY_MS = 6000;

type InjectorCommon = Omit<ConstructorParameters<typeof InjectorTaps>[0], 'injectionMs' | 'journal' | 'act' | 'unseal' | 'used'>;

export class World {
  readonly seed: number;
  readonly time = new VirtualTime();
  readonly desktop = new VirtualDesktop('sim');
  readonly history: Fact[] = [];
  readonly auditDisk: AuditDisk;
  listener!: ListenerTaps;
  broker!: BrokerTaps;
  injector!: InjectorTaps;
  audit!: AuditTaps;
  /** False if something still moved after so many steps. */
  cameToRest = true;
  readonly #chance: Chance;
  readonly #network: Network;
  readonly #trouble: number;
  readonly #lives = new Map<ActorName, Life>();
  readonly #listenerFile = new JournalFile<ListenerEntry>((entry) => this.#listenerWrote(entry));
  readonly #injectorFile = new JournalFile<InjectorEntry>((entry) => this.#injectorWrote(entry));
  #taps = 0;
  /** Deaths that may still come. */
  #fates = 0;
  /** The tap that the injector of this moment fills. */
  #filling: string | null = null;
  #target: Target | null = null;
  /** The form held what it should after the last key. */
  #wasRight = false;

  constructor(seed: number) {
    this.seed = seed;
    this.#chance = new Chance(seed);
    // A third of all worlds has nothing wrong, so that the others cannot hide what goes wrong without.
    this.#trouble = this.#chance.happens(1 / 3) ? 0 : this.#chance.between(0.2, 2);
    this.#network = new Network(this.time, this.#chance);
    this.#network.trouble = this.#trouble;
    this.auditDisk = new AuditDisk(this.time, this.#chance, (body) => this.#auditWrote(body));
  }

  /** Lets people tap and actors die for some seconds, then waits until nothing moves any more. */
  async run(): Promise<void> {
    for (const actor of MORTALS) this.#start(actor);
    const hands = handsOn(this.desktop);
    const terminal = { tap: ({ band, via }: Tapped) => this.#tapped(band, via), disturbed: () => this.#tell({ fact: 'disturbed' }) };
    for (let atMs = 50; atMs < PLAY_MS; atMs += this.#chance.between(100, 3000)) {
      this.time.after(atMs, () => void gesture(this.time, this.#chance, hands, terminal));
    }
    if (this.#trouble > 0) this.#fates = Math.floor(this.#chance.between(0, 7));
    for (let deaths = Math.min(2, this.#fates); deaths > 0; deaths--) {
      this.time.after(this.#chance.between(0, PLAY_MS), () => this.#strike(this.#chance.oneOf(MORTALS)));
    }
    if (this.#chance.happens(0.1)) this.time.after(this.#chance.between(0, PLAY_MS), () => this.listener.emit({ event: 'slept' }));
    let steps = 0;
    while (steps < STEPS_MAX && (await this.time.step())) {
      steps++;
      this.#bury();
    }
    this.cameToRest = steps < STEPS_MAX;
    for (const actor of [this.listener, this.broker, this.injector, this.audit]) actor.stop();
  }

  #tapped(band: string, via: 'nfc' | 'ble'): void {
    if (this.#lives.get('tap-listener')!.dead) return;
    this.#tell({ fact: 'tapped', band });
    this.listener.emit({ event: 'tapped', tap: `tap-${++this.#taps}`, band, via, atUs: this.time.nowUs() });
  }

  /** At once, or between two of its next deeds. */
  #strike(actor: ActorName): void {
    this.#fates--;
    const life = this.#lives.get(actor)!;
    if (life.dead) return;
    if (this.#chance.happens(0.5)) life.dead = true;
    else life.deedsLeft = Math.floor(this.#chance.between(0, 12));
  }

  /** Whoever died is started again after a while, as pm2 would. */
  #bury(): void {
    for (const [actor, life] of this.#lives) {
      if (!life.dead || life.deedsLeft === Number.NEGATIVE_INFINITY) continue;
      life.deedsLeft = Number.NEGATIVE_INFINITY;
      this.#tell({ fact: 'killed', actor });
      if (actor === 'injector') this.#filling = null;
      const long = this.#chance.happens(0.15);
      this.time.after(long ? this.#chance.between(5000, 25_000) : this.#chance.between(100, 900), () => this.#start(actor));
    }
  }

  #start(actor: ActorName): void {
    const life: Life = { actor, dead: false, deedsLeft: Number.POSITIVE_INFINITY };
    this.#lives.set(actor, life);
    const slowness = { time: this.time, chance: this.#chance, trouble: () => this.#trouble };
    const { time } = this;
    const common = { bus: this.#network.busOf(life), timer: timerOf(time, life), scheduler: time, nowUs: time.nowUs, log: QUIET, profile: QUIET };
    switch (actor) {
      case 'tap-listener': {
        this.listener?.stop();
        this.listener = new ListenerTaps({ ...common, budget, boot: 'boot', journal: this.#listenerFile.openFor(life), entries: this.#listenerFile.entries });
        this.#network.open(life, (message) => this.listener.handle(message));
        return this.listener.open();
      }
      case 'window-resolver': {
        const look = lookAt(slowDesk(this.desktop, life, slowness, () => {}));
        const options = { ...common, look, rules: () => RULES, unseenForms: [] };
        return this.#network.open(life, (message) => (message.kind === 'tap.accepted' ? void answer(options, message) : undefined));
      }
      case 'credential-broker': {
        this.broker?.stop();
        this.broker = new BrokerTaps({
          ...common, seal: (order) => this.#seal(order), askPassword: () => {},
          keyOf: (_band, within) => bandAnswer(this.time, this.#chance, this.#trouble, within),
        });
        return this.#network.open(life, (message) => this.broker.handle(message, message.envelope.tap ?? '', SESSION));
      }
      case 'injector': return void this.#startInjector(life, common, slowness);
      case 'audit': {
        this.audit?.stop();
        this.audit = new AuditTaps({ ...common, journal: this.auditDisk.openFor(life), kept: () => {} });
        return this.#network.open(life, (message) => this.audit.handle(message));
      }
      case 'nes-gateway': return this.#network.open(life, (message) =>
        message.kind === 'nes.fetch-credential' ? nesAnswer(this.time, this.#chance, this.#trouble, message.body) : undefined);
      case 'tray': return this.#network.open(life, (message) => this.#shown(message));
    }
  }

  async #startInjector(life: Life, common: InjectorCommon, slowness: Parameters<typeof slowDesk>[2]): Promise<void> {
    const journal = this.#injectorFile.openFor(life);
    const desk = slowDesk(this.desktop, life, slowness, (askedUs) => {
      this.#tell({ fact: 'typed', tap: this.#filling, askedUs });
      this.#wasRight = this.#holdsOnePerson();
    });
    const act = actOn(desk, (change, undone) => journal.append({ e: 'change', change, undone }));
    const left = injectorLeft(this.#injectorFile.entries, this.time.nowUs());
    await repair(act, left);
    journal.cut(left.ends);
    this.injector?.stop();
    const taps = new InjectorTaps({ ...common, injectionMs: budget.injectionMs, journal, act, unseal: (_tap, box) => this.#unseal(box), used: () => {} });
    this.injector = taps;
    this.#network.open(life, (message) => taps.handle(message));
    taps.open(left);
  }

  /** The box of this world is open: sealing has tests of its own. */
  async #seal({ opening: { target }, holder, blob }: SealOrder): Promise<Issued> {
    await this.time.pause(1);
    const box = new TextEncoder().encode(JSON.stringify({ user: holder.user, password: new TextDecoder().decode(blob) }));
    return { targetHash: targetHash(target!), prekey: 'key', enc: new Uint8Array(32), box, sealedUs: this.time.nowUs() };
  }

  async #unseal({ box }: Issued): Promise<{ user: string; domain: string; password: Secret }> {
    await this.time.pause(1);
    const { user, password } = JSON.parse(new TextDecoder().decode(box)) as { user: string; password: string };
    return { user, domain: 'LAB', password: new Secret(new TextEncoder().encode(password)) };
  }

  #shown({ kind, body, envelope: { tap } }: Message): void {
    if (kind === 'tap.ended') this.#tell({ fact: 'shown', tap: tap!, outcome: body.outcome, reason: body.reason });
    if (kind === 'tap.received') this.#tell({ fact: 'received', tap: tap! });
  }

  #listenerWrote(entry: ListenerEntry): void {
    if (entry.e === 'ended') this.#tell({ fact: 'ended', tap: entry.tap, outcome: entry.body.outcome, reason: entry.body.reason });
    if (entry.e !== 'open') return;
    const { tap, band, tappedUs, phase, deadlineUs } = entry.open;
    if (phase === 'accepted') this.#tell({ fact: 'accepted', tap, band, tappedUs, deadlineUs });
    if (phase === 'committed') this.#tell({ fact: 'committed', tap });
    if (phase === 'injecting') this.#tell({ fact: 'granted', tap });
  }

  #injectorWrote(entry: InjectorEntry): void {
    if (entry.e === 'begun') [this.#filling, this.#target, this.#wasRight] = [entry.tap, entry.target, false];
    if (entry.e !== 'ended') return;
    if (entry.tap === this.#filling && entry.outcome === 'failed') this.#tell({ fact: 'failed', tap: entry.tap, reason: entry.reason, leftCharacters: this.#leftInReach() });
    if (entry.tap === this.#filling) this.#filling = null;
    if (entry.outcome === 'filled') this.#tell({ fact: 'filled', tap: entry.tap, right: this.#holdsOnePerson(), wasRight: this.#wasRight });
  }

  #auditWrote(body: AuditBody): void {
    if (body.kind === 'intent') this.#tell({ fact: 'intended', tap: body.tap });
    if (body.kind === 'outcome') this.#tell({ fact: 'recorded', tap: body.tap, outcome: body.outcome, reason: body.reason });
    if (body.kind === 'note') this.#tell({ fact: 'noted', tap: body.tap ?? '', detail: body.detail });
  }

  /** Some window holds the name and the whole password of one person, in fields beside each other. */
  #holdsOnePerson(): boolean {
    const text = (characters: readonly number[]): string => String.fromCodePoint(...characters);
    return this.desktop.desktop.windows.some(({ page: { elements } }) =>
      elements.some(({ characters }, index) =>
        PEOPLE.some(({ user, password }) => text(characters) === user && text(elements[index + 1]?.characters ?? []) === password)));
  }

  #leftInReach(): number {
    const front = this.desktop.desktop.windows.at(-1);
    const element = front?.page.elements.find(({ ref }) => ref === this.#target?.password.ref);
    return front?.page.url === this.#target?.url ? (element?.characters.length ?? 0) : 0;
  }

  #tell(fact: Unstamped): void {
    this.history.push({ ...fact, atUs: this.time.nowUs() } as Fact);
    // Death likes the moments at which something has just happened.
    if (this.#fates > 0 && this.time.frame < PLAY_MS && this.#chance.happens(0.02)) this.#strike(this.#chance.oneOf(MORTALS));
  }
}

/** Timers of a life end with it. */
function timerOf(time: VirtualTime, life: Life): Pick<VirtualTime, 'nowUs' | 'after'> {
  return { nowUs: time.nowUs, after: (ms, fire) => time.after(ms, () => (life.dead ? undefined : fire())) };
}
