// Performs what decide.ts decides for the taps of all sessions: asks NES, band and audit, has the credential sealed,
// and hands the end of each tap to the record. Keys, encrypted passwords and boxes wait here, under their tap.
import type { SchedulerLike } from 'rxjs';
import type { Body, Message } from '../../contracts/catalogue.ts';
import { Secret } from '../../contracts/secret.ts';
import type { Bus } from '../../runtime/bus/bus.ts';
import type { Within } from '../../runtime/exchanges.ts';
import type { Log } from '../../runtime/log.ts';
import { Runner } from '../../runtime/run.ts';
import { isBandFailure, type BandFailure } from './band.ts';
import { decide, INITIAL, type Announced, type Command, type Event, type Holder, type Leg, type Opening, type State } from './decide.ts';
import type { Reason } from '../../contracts/reasons.ts';

const OUTCOME_WITHIN_MS = 4000;

/** What a box is made of; `key` and `blob` are wiped by the caller. */
export interface SealOrder {
  readonly opening: Opening;
  readonly holder: Holder;
  readonly key: Secret;
  readonly blob: Uint8Array;
}
export type Issued = Body<'credential.issued'>;
export interface NotSealed {
  readonly leg: Leg;
  readonly reason: Reason;
}

export interface TapsOptions {
  readonly bus: Pick<Bus, 'send'>;
  readonly nowUs: () => number;
  readonly scheduler?: SchedulerLike;
  readonly keyOf: (band: string, within: Within) => Promise<Secret | BandFailure>;
  readonly seal: (order: SealOrder) => Promise<Issued | NotSealed>;
  readonly askPassword: (session: string, band: string, holder: Holder, why: 'missing') => void;
  readonly log: Pick<Log, 'info'>;
}

/** What is held for a tap until it is over. */
interface Held {
  readonly ending: AbortController;
  key?: Secret;
  blob?: Uint8Array;
  box?: Issued;
}

export class Taps {
  readonly #options: TapsOptions;
  readonly #runner: Runner<State, Event, Command>;
  readonly #held = new Map<string, Held>();
  /** Questions to NES under way. */
  readonly #asking = new Map<string, Promise<void>>();

  constructor(options: TapsOptions) {
    this.#options = options;
    const scheduler = options.scheduler === undefined ? {} : { scheduler: options.scheduler };
    this.#runner = new Runner({ step: decide, initial: INITIAL, nowUs: options.nowUs, perform: (command) => this.#perform(command), ...scheduler });
  }

  get state(): State {
    return this.#runner.state;
  }

  /** How many taps something is held for. */
  get holding(): number {
    return this.#held.size + this.#asking.size;
  }

  /** Takes a message of the tap `tap` of `session`. Rejects where the end of a tap could not be recorded. */
  handle(message: Message, tap: string, session: string): unknown {
    const { body, kind, envelope: { deadline: deadlineUs } } = message;
    switch (kind) {
      case 'tap.accepted': {
        const { band, credentialByUs, leaseUs } = body;
        return this.#runner.emit({ event: 'announced', announced: { tap, session, band, deadlineUs, credentialByUs, leaseUs } });
      }
      case 'target.resolved': {
        const { band, via, target, application, credentialByUs, leaseUs } = body;
        return this.#runner.emit({ event: 'opened', opening: { tap, session, band, via, target, application, deadlineUs, credentialByUs, leaseUs } });
      }
      case 'target.refused': {
        const { band, via, application, leaseUs } = body;
        return this.#runner.emit({ event: 'opened', opening: { tap, session, band, via, target: null, application, deadlineUs, credentialByUs: deadlineUs, leaseUs } });
      }
      case 'tap.cancelled': return this.#runner.emit({ event: 'cancelled', tap, deadlineUs });
      case 'tap.ended': return this.#close(tap, session, body, deadlineUs);
      default: return undefined;
    }
  }

  stop(): void {
    this.#runner.stop();
    for (const tap of this.#held.keys()) this.#drop(tap);
  }

  #perform(command: Command): void {
    const { bus, log } = this.#options;
    switch (command.do) {
      case 'ask-nes': return this.#askNesFor(command.announced);
      case 'gather': return this.#gather(command);
      case 'identified': {
        const { user, domain } = command.holder;
        return void bus.send('audit.record-person', { user, domain }, { to: 'audit', tap: command.opening.tap });
      }
      case 'stranger': {
        const { tap, session, band } = command.opening;
        return void bus.send('audit.record-event', { session, event: 'UnknownAuthenticatorDetected', band, user: null, reason: 'unknown-band' }, { to: 'audit', tap });
      }
      case 'seal': return void this.#seal(command);
      case 'issue': return this.#issue(command.opening);
      case 'refuse': {
        const { reason, leg, opening: { tap, session, deadlineUs } } = command;
        log.info({ tap, reason, leg }, 'credential.refused');
        return void bus.send('credential.refused', { reason, leg }, { to: 'tap-listener', tap, session, deadlineUs });
      }
      case 'ask-password': return this.#options.askPassword(command.opening.session, command.opening.band, command.holder, command.why);
      case 'drop': return this.#drop(command.tap);
    }
  }

  /** All at once; whoever answers late finds the tap over. */
  #gather({ opening, legs }: Extract<Command, { do: 'gather' }>): void {
    if (legs.includes('nes')) this.#askNesFor(opening);
    if (legs.includes('audit')) void this.#intend(opening);
    if (legs.includes('band')) void this.#askBand(opening);
  }

  #askNesFor(tap: Announced): void {
    this.#asking.set(tap.tap, this.#askNes(tap).finally(() => this.#asking.delete(tap.tap)));
  }

  async #askNes({ tap, band, credentialByUs, deadlineUs }: Announced): Promise<void> {
    this.#hold(tap);
    const ack = await this.#options.bus.send('nes.fetch-credential', { band }, { to: 'nes-gateway', tap, deadlineUs: Math.min(credentialByUs, deadlineUs) });
    const reply = ack.ok ? ack.reply : undefined;
    if (reply?.userId === undefined || reply.user === undefined || reply.domain === undefined) {
      return this.#runner.emit({ event: 'failed', tap, leg: 'nes', reason: reply?.refused ?? 'nes-unreachable' });
    }
    const held = this.#held.get(tap);
    if (reply.encryptedPassword && held !== undefined) held.blob = reply.encryptedPassword;
    const holder = { userId: reply.userId, user: reply.user, domain: reply.domain };
    this.#runner.emit({ event: 'holder', tap, holder, hasPassword: Boolean(reply.encryptedPassword) });
  }

  async #intend({ tap, session, band, via, application, leaseUs, credentialByUs, deadlineUs }: Opening): Promise<void> {
    const intent = { session, band, via, application, leaseUs };
    const ack = await this.#options.bus.send('audit.record-intent', intent, { to: 'audit', tap, deadlineUs: Math.min(credentialByUs, deadlineUs) });
    this.#runner.emit(ack.ok ? { event: 'intended', tap } : { event: 'failed', tap, leg: 'audit', reason: 'audit-unavailable' });
  }

  async #askBand({ tap, band, credentialByUs }: Opening): Promise<void> {
    const held = this.#hold(tap);
    const key = await this.#options.keyOf(band, { timeoutMs: (credentialByUs - this.#options.nowUs()) / 1000, signal: held.ending.signal });
    if (isBandFailure(key)) {
      this.#options.log.info({ tap, reason: key.reason, detail: key.detail }, 'band.failed');
      return this.#runner.emit({ event: 'failed', tap, leg: 'band', reason: key.reason });
    }
    if (held.ending.signal.aborted) return key.wipe();
    held.key = key;
    this.#runner.emit({ event: 'key', tap });
  }

  async #seal({ opening, holder }: Extract<Command, { do: 'seal' }>): Promise<void> {
    const { tap } = opening;
    const held = this.#held.get(tap);
    if (held?.key === undefined || held.blob === undefined) return this.#runner.emit({ event: 'failed', tap, leg: 'vault', reason: 'password-unreadable' });
    const sealed = await this.#options.seal({ opening, holder, key: held.key, blob: held.blob });
    if ('leg' in sealed) return this.#runner.emit({ event: 'failed', tap, ...sealed });
    held.box = sealed;
    this.#runner.emit({ event: 'sealed', tap });
  }

  #issue({ tap, session, deadlineUs }: Opening): void {
    const box = this.#held.get(tap)?.box;
    if (box !== undefined) void this.#options.bus.send('credential.issued', box, { to: 'injector', tap, session, deadlineUs });
  }

  #hold(tap: string): Held {
    const held = this.#held.get(tap) ?? { ending: new AbortController() };
    this.#held.set(tap, held);
    return held;
  }

  #drop(tap: string): void {
    const held = this.#held.get(tap);
    held?.ending.abort('over');
    held?.key?.wipe();
    this.#held.delete(tap);
  }

  /** The record closes with the very words that the person saw; the tap-listener tells it again until this resolves. */
  async #close(tap: string, session: string, { band, via, outcome, reason }: Body<'tap.ended'>, deadlineUs: number): Promise<void> {
    this.#runner.emit({ event: 'cancelled', tap, deadlineUs });
    // Who it was goes before how it ended, so that the end can name the person.
    await this.#asking.get(tap);
    const within = { to: 'audit', tap, deadlineUs: this.#options.nowUs() + OUTCOME_WITHIN_MS * 1000 } as const;
    const ack = await this.#options.bus.send('audit.record-outcome', { session, band, via, outcome, reason }, within);
    if (!ack.ok) throw new NotRecorded();
  }
}

class NotRecorded extends Error {
  override readonly name = 'NotRecorded';
  readonly code = 'NOT_RECORDED';
}
