// The broker's shell: the one face of the machine zone towards the sessions. Enrols them, gathers what a tap needs, seals
// it for one injector, and hands the end of each tap to the audit.
import { join } from 'node:path';
import type { Server } from 'node:net';
import type { ActorName } from '../../contracts/actors.ts';
import type { Body, Message } from '../../contracts/catalogue.ts';
import { jsonCodec } from '../../contracts/external/nymi-json.ts';
import { NES_STATES } from '../../contracts/credential.ts';
import { Secret } from '../../contracts/secret.ts';
import { targetHash } from '../../contracts/target.ts';
import { callerUid } from '../../platform/index.ts';
import type { Actor, ActorContext } from '../../runtime/actor.ts';
import { publicKeys } from '../../runtime/actor.ts';
import { zoneKeys } from '../../runtime/bus/curve.ts';
import { packCredential } from '../../runtime/credential.ts';
import { serveEnrolment, sessionIdOf, type EnrolAnswer, type EnrolRequest } from '../../runtime/enrol.ts';
import { sealingKeys } from '../../runtime/identity.ts';
import { Runner } from '../../runtime/run.ts';
import { publicBytes, publicKeyOf, seal } from '../../runtime/seal.ts';
import { systemTimer } from '../../runtime/timer.ts';
import { Bands, isBandFailure } from './band.ts';
import { decide, INITIAL, type Command, type Event, type Opening } from './decide.ts';
import { Forms } from './forms.ts';
import { Prekeys } from './prekeys.ts';
import { Sessions, type Session } from './sessions.ts';
import { openPassword } from './vault.ts';

const REPORT_EVERY_MS = 2000;
const OUTCOME_WITHIN_MS = 4000;

type NesState = (typeof NES_STATES)[number];

export async function start(context: ActorContext): Promise<Actor> {
  const { config, bus, clock, log, places } = context;
  const keys = await sealingKeys(places.keys, 'credential-broker');
  const sessions = new Sessions(join(places.state, 'sessions.json'));
  const prekeys = new Prekeys();
  const bandKeys = new Map<string, Secret>();
  const blobs = new Map<string, Uint8Array>();
  const endings = new Map<string, AbortController>();
  let nes: NesState = 'unknown';
  let control: Server | undefined;

  const bands = new Bands({
    url: config.agent.url, nesUrl: config.nes.url ?? '', codec: jsonCodec(), clock: systemTimer, random: Math.random,
    token: async () => {
      const ack = await bus.send('nes.issue-token', {}, { to: 'nes-gateway' });
      return ack.ok && ack.reply.token !== undefined ? ack.reply.token : { reason: 'nes-unreachable', detail: ack.ok ? 'no token' : ack.code };
    },
    onGarbage: (garbage, path) => log.warn({ code: garbage, path }, 'agent.garbage'),
  });
  const forms = new Forms({ context, bands, keys });
  const runner = new Runner<typeof INITIAL, Event, Command>({ step: decide, initial: INITIAL, nowUs: clock.nowUs, perform: (command) => perform(command) });

  const perform = (command: Command): void => {
    switch (command.do) {
      case 'gather': return gather(command.opening);
      case 'identified': {
        const { user, domain } = command.holder;
        return void bus.send('audit.record-person', { user, domain }, { to: 'audit', tap: command.tap.tap });
      }
      case 'stranger': {
        const { tap, session, band } = command.tap;
        const event = { session, event: 'UnknownAuthenticatorDetected', band, user: null, reason: 'unknown-band' } as const;
        return void bus.send('audit.record-event', event, { to: 'audit', tap });
      }
      case 'seal': return void issue(command).then((failed) => runner.emit(failed ?? { event: 'sealed', tap: command.tap.tap }));
      case 'refuse': {
        const { tap, session, deadlineUs } = command.tap;
        log.info({ tap, reason: command.reason, leg: command.leg }, 'credential.refused');
        return void bus.send('credential.refused', { reason: command.reason, leg: command.leg }, { to: 'tap-listener', tap, session, deadlineUs });
      }
      case 'ask-password': return forms.ask(command.tap.session, command.tap.band, command.holder, command.why);
      case 'drop': return drop(command.tap);
    }
  };

  /** NES, band and audit at once; whoever answers late finds the tap over. */
  const gather = (opening: Opening): void => {
    const { tap, band, target, session, via, application, leaseUs, credentialByUs, deadlineUs } = opening;
    const within = { tap, deadlineUs: Math.min(credentialByUs, deadlineUs) };
    void bus.send('nes.fetch-credential', { band }, { ...within, to: 'nes-gateway' }).then((ack) => {
      const { reply } = ack.ok ? ack : { reply: undefined };
      if (reply?.userId === undefined || reply.user === undefined || reply.domain === undefined) {
        return runner.emit({ event: 'failed', tap, leg: 'nes', reason: reply?.refused ?? 'nes-unreachable' });
      }
      if (reply.encryptedPassword) blobs.set(tap, reply.encryptedPassword);
      const holder = { userId: reply.userId, user: reply.user, domain: reply.domain };
      return runner.emit({ event: 'holder', tap, holder, hasPassword: Boolean(reply.encryptedPassword) });
    });
    const intent = { session, band, via, application, leaseUs };
    void bus.send('audit.record-intent', intent, { ...within, to: 'audit' }).then((ack) =>
      runner.emit(ack.ok ? { event: 'intended', tap } : { event: 'failed', tap, leg: 'audit', reason: 'audit-unavailable' }));
    if (target !== null) void fetchKey(opening);
  };

  const fetchKey = async ({ tap, band, credentialByUs }: Opening): Promise<void> => {
    const ending = new AbortController();
    endings.set(tap, ending);
    const key = await bands.keyOf(band, { timeoutMs: (credentialByUs - clock.nowUs()) / 1000, signal: ending.signal });
    if (isBandFailure(key)) {
      log.info({ tap, reason: key.reason, detail: key.detail }, 'band.failed');
      return runner.emit({ event: 'failed', tap, leg: 'band', reason: key.reason });
    }
    if (ending.signal.aborted) return key.wipe();
    bandKeys.set(tap, key);
    runner.emit({ event: 'key', tap });
  };

  /** Opens the stored password and seals it for the injector; both copies are wiped before anything is sent. */
  const issue = async ({ tap: { tap, session, target, deadlineUs, credentialByUs }, holder }: Extract<Command, { do: 'seal' }>): Promise<Event | null> => {
    const key = bandKeys.get(tap);
    const blob = blobs.get(tap);
    const password = key === undefined || blob === undefined ? 'unreadable' : openPassword(key, holder.userId, blob);
    drop(tap);
    if (password === 'unreadable' || target === null) return { event: 'failed', tap, leg: 'vault', reason: 'password-unreadable' };
    const packed = packCredential({ ...holder, password });
    password.wipe();
    try {
      const prekey = prekeys.take(session, clock.nowUs());
      if (prekey === null) {
        void bus.send('prekeys.wanted', {}, { to: 'injector', session });
        return { event: 'failed', tap, leg: 'prekey', reason: 'no-prekey' };
      }
      const hash = targetHash(target);
      const recipient = await publicKeyOf(prekey.publicKey);
      const box = await seal(packed, keys, recipient, { purpose: 'credential', binding: [tap, hash, session] });
      const body = { targetHash: hash, prekey: prekey.id, ...box, sealedUs: clock.nowUs() };
      if (clock.nowUs() > credentialByUs) return { event: 'failed', tap, leg: 'vault', reason: 'deadline:credential' };
      void bus.send('credential.issued', body, { to: 'injector', tap, session, deadlineUs });
      return null;
    } finally {
      packed.wipe();
    }
  };

  const drop = (tap: string): void => {
    endings.get(tap)?.abort();
    endings.delete(tap);
    bandKeys.get(tap)?.wipe();
    bandKeys.delete(tap);
    blobs.delete(tap);
  };

  /** The record closes with the very words that the person saw; the tap-listener tells it again until this resolves. */
  const close = async (tap: string, session: string, { band, via, outcome, reason }: Body<'tap.ended'>): Promise<void> => {
    runner.emit({ event: 'cancelled', tap });
    const ack = await bus.send('audit.record-outcome', { session, band, via, outcome, reason }, { to: 'audit', tap, deadlineUs: clock.nowUs() + OUTCOME_WITHIN_MS * 1000 });
    if (!ack.ok) throw new NotRecorded();
  };

  const handle = (message: Message): unknown => {
    const { body, kind, envelope: { tap, session, deadline: deadlineUs } } = message;
    if (kind === 'nes.reported') {
      nes = body.state;
      return report();
    }
    const enrolled = session === null ? undefined : sessions.find(session);
    if (session === null || enrolled === undefined) return undefined;
    if (kind === 'prekeys.offered') {
      const good = prekeys.offered(session, Buffer.from(enrolled.request.signingKey, 'base64'), body);
      if (!good) log.warn({ session }, 'prekeys.forged');
      return undefined;
    }
    if (kind === 'form.answered') return void forms.answered(session, Buffer.from(enrolled.request.formKey, 'base64'), body);
    if (tap === null) return undefined;
    switch (kind) {
      case 'target.resolved': {
        const { band, via, target, application, credentialByUs, leaseUs } = body;
        return runner.emit({ event: 'opened', opening: { tap, session, band, via, target, application, deadlineUs, credentialByUs, leaseUs } });
      }
      case 'target.refused': {
        const { band, via, application, leaseUs } = body;
        return runner.emit({ event: 'opened', opening: { tap, session, band, via, target: null, application, deadlineUs, credentialByUs: deadlineUs, leaseUs } });
      }
      case 'tap.cancelled': return runner.emit({ event: 'cancelled', tap });
      case 'tap.ended': return close(tap, session, body);
      default: return undefined;
    }
  };

  const report = (): void => {
    for (const { session } of sessions.all()) void bus.send('service.reported', { nes, everyMs: REPORT_EVERY_MS }, { to: 'tray', session, deadlineUs: clock.nowUs() + REPORT_EVERY_MS * 1000 });
  };

  const admit = async ({ session, request }: Session): Promise<void> => {
    await bus.join({ session, runDir: request.runDir, keys: new Map(Object.entries(request.keys)) as Map<ActorName, string> });
    bands.subscribe(session, request.endpointId);
    void bus.send('prekeys.wanted', {}, { to: 'injector', session });
  };

  const sealingKey = Buffer.from(await publicBytes(keys.publicKey)).toString('base64');
  const own = publicKeys(zoneKeys('machine', places.keys));
  const enrol = async (uid: number, request: EnrolRequest): Promise<EnrolAnswer | null> => {
    const session = sessionIdOf(uid, request.keys);
    if (request.want === 'leave') {
      sessions.leave(session);
      prekeys.forget(session);
      bands.unsubscribe(session);
      await bus.leave(session);
      log.info({ session, uid }, 'session.left');
    } else {
      const known = sessions.enrol({ session, uid, request });
      if (known === 'full') return null;
      if (known === 'new') {
        await admit({ session, uid, request });
        log.info({ session, uid }, 'session.enrolled');
      }
    }
    return { session, runDir: places.run, keys: own, sealingKey };
  };

  let reporting: NodeJS.Timeout | undefined;
  return {
    handle,
    opened: () => {
      bands.connect();
      reporting = setInterval(report, REPORT_EVERY_MS);
      void Promise.all(sessions.all().map(admit))
        .then(() => serveEnrolment(places.run, { callerUid, enrol }))
        .then((server) => (control = server));
    },
    stop: async () => {
      clearInterval(reporting);
      control?.close();
      runner.stop();
      await bands.close();
    },
  };
}

class NotRecorded extends Error {
  override readonly name = 'NotRecorded';
  readonly code = 'NOT_RECORDED';
}
