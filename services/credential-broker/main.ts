// The broker's shell: the one face of the machine zone towards the sessions. Enrols them, keeps their one-use keys, and
// tells them how the machine zone is.
import type { ActorName } from '../../contracts/actors.ts';
import type { Message } from '../../contracts/catalogue.ts';
import { codecFor } from '../../contracts/external/nymi-codec.ts';
import { NES_STATES } from '../../contracts/credential.ts';
import { callerUid } from '../../platform/index.ts';
import type { Actor, ActorContext } from '../../runtime/actor.ts';
import { publicKeys } from '../../runtime/actor.ts';
import { zoneKeys } from '../../runtime/bus/curve.ts';
import { sealingKeys } from '../../runtime/identity.ts';
import type { EnrolAnswer } from '../../runtime/enrol.ts';
import type { Places } from '../../runtime/places.ts';
import { publicBytes, publicKeyOf, sealerFor, type SealKeys } from '../../runtime/seal.ts';
import { systemTimer } from '../../runtime/timer.ts';
import { Bands } from './band.ts';
import { Enrolment } from './enrolment.ts';
import { Forms } from './forms.ts';
import { issue } from './issue.ts';
import { Prekeys } from './prekeys.ts';
import type { Session } from './sessions.ts';
import { Taps } from './taps.ts';

const REPORT_EVERY_MS = 2000;

type NesState = (typeof NES_STATES)[number];

export async function start(context: ActorContext): Promise<Actor> {
  const { bus, clock, log, places } = context;
  const keys = await sealingKeys(places.keys, 'credential-broker');
  const prekeys = new Prekeys(async (publicKey) => sealerFor(keys, await publicKeyOf(publicKey), 'credential'));
  let nes: NesState = 'unknown';
  const bands = bandsOf(context);
  const forms = new Forms({ context, bands, keys });
  const wantPrekeys = (session: string): void => void bus.send('prekeys.wanted', {}, { to: 'injector', session });
  const taps = new Taps({
    bus, nowUs: clock.nowUs, log, keyOf: (band, within) => bands.keyOf(band, within),
    seal: (order) => issue({ prekeys, nowUs: clock.nowUs, wanting: wantPrekeys }, order),
    askPassword: (session, band, holder, why) => forms.ask(session, band, holder, why),
  });

  const handle = (message: Message): unknown => {
    const { body, kind, envelope: { tap, session } } = message;
    if (kind === 'nes.reported') {
      nes = body.state;
      return report();
    }
    const enrolled = session === null ? undefined : enrolment.find(session);
    if (session === null || enrolled === undefined) return undefined;
    if (kind === 'prekeys.offered') {
      if (prekeys.offered(session, Buffer.from(enrolled.request.signingKey, 'base64'), body)) return prekeys.prepared(session);
      log.warn({ session }, 'prekeys.forged');
      return { prepared: [] };
    }
    if (kind === 'form.answered') return void forms.answered(session, Buffer.from(enrolled.request.formKey, 'base64'), body);
    return tap === null ? undefined : taps.handle(message, tap, session);
  };

  const report = (): void => {
    const deadlineUs = clock.nowUs() + REPORT_EVERY_MS * 1000;
    for (const { session } of enrolment.all()) void bus.send('service.reported', { nes, everyMs: REPORT_EVERY_MS }, { to: 'tray', session, deadlineUs });
  };

  const admit = async ({ session, request }: Session): Promise<void> => {
    await bus.join({ session, runDir: request.runDir, keys: new Map(Object.entries(request.keys)) as Map<ActorName, string> });
    bands.subscribe(session, request.endpointId);
  };

  const dismiss = async (session: string): Promise<void> => {
    prekeys.forget(session);
    bands.unsubscribe(session);
    await bus.leave(session);
  };
  const enrolment = new Enrolment({ places, clock, log, callerUid, answer: await answerOf(places, keys), admit, dismiss });

  let reporting: NodeJS.Timeout | undefined;
  return {
    handle,
    opened: () => {
      bands.connect();
      reporting = setInterval(report, REPORT_EVERY_MS);
      void enrolment.open();
    },
    // Keys die with the injector that made them.
    lineChanged: (to, session, up) => {
      if (to !== 'injector' || session === null) return;
      if (up) wantPrekeys(session);
      else prekeys.forget(session);
    },
    stop: async () => {
      clearInterval(reporting);
      enrolment.close();
      taps.stop();
      await bands.close();
    },
  };
}

/** The way to the bands; the gateway gives it the token for `init`. */
function bandsOf({ config, bus, log }: ActorContext): Bands {
  return new Bands({
    url: config.agent.url, nesUrl: config.nes.url ?? '', codec: codecFor(config.agent.framing), clock: systemTimer, random: Math.random,
    token: async () => {
      const ack = await bus.send('nes.issue-token', {}, { to: 'nes-gateway' });
      return ack.ok && ack.reply.token !== undefined ? ack.reply.token : { reason: 'nes-unreachable', detail: ack.ok ? 'no token' : ack.code };
    },
    onGarbage: (garbage, path) => log.warn({ code: garbage, path }, 'agent.garbage'),
  });
}

/** What a session learns of the machine zone when it enrols. */
async function answerOf(places: Places, keys: SealKeys): Promise<Omit<EnrolAnswer, 'session'>> {
  const sealingKey = Buffer.from(await publicBytes(keys.publicKey)).toString('base64');
  return { runDir: places.run, keys: publicKeys(zoneKeys('machine', places.keys)), sealingKey };
}
