// What Agent and NES may do to a tap: each ends it once, with the right reason, counted and logged without a value, and
// the next tap works.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Zone } from '../../contracts/actors.ts';
import type { Fault as NesFault } from '../../ops/lab/nes/faults.ts';
import { until, ZoneStage } from './zone-stage.ts';

const CANARY = 'Kanarienvogel-8';
let stage: ZoneStage;

test.before(async () => {
  stage = await ZoneStage.open();
});
test.after.always(() => stage?.close());

/** Of bands in turn, since the same band again within a second is a bounce. */
const BANDS = ['NB-01', 'NB-02', 'NB-06'];
let turn = 0;
const nextBand = (): string => BANDS[turn++ % BANDS.length]!;

const pids = (): (number | undefined)[] => stage.children.map(({ pid, exitCode }) => (exitCode === null ? pid : undefined));

const logText = (): string => ['machine', 'session'].map((zone) => join(stage.dir, zone, 'logs'))
  .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.log')).map((name) => readFileSync(join(folder, name), 'utf8')))
  .join('\n');

interface NesCase {
  readonly title: string;
  readonly fault: NesFault;
  readonly reason: string;
  /** What the gateway's log says of it. */
  readonly link: string;
}

const NES_CASES: readonly NesCase[] = [
  { title: 'answers 500', fault: { kind: 'status', status: 500 }, reason: 'nes-error', link: 'status' },
  { title: 'sends half of its answer', fault: { kind: 'truncated' }, reason: 'nes-error', link: 'truncated' },
  { title: 'answers with something that is no JSON', fault: { kind: 'body', text: `<html>${CANARY}</html>` }, reason: 'nes-error', link: 'unreadable' },
  { title: 'answers with JSON of another shape', fault: { kind: 'body', text: JSON.stringify({ [CANARY]: [CANARY] }) }, reason: 'nes-error', link: 'unreadable' },
  { title: 'answers without end', fault: { kind: 'flood', bytes: 8_000_000 }, reason: 'nes-error', link: 'too-large' },
  { title: 'hangs up', fault: { kind: 'drop' }, reason: 'nes-unreachable', link: 'reset' },
  { title: 'never answers', fault: { kind: 'hang' }, reason: 'nes-unreachable', link: 'timeout' },
];

for (const { title, fault, reason, link } of NES_CASES) {
  test.serial(`NES ${title}: the tap ends once as ${reason}, nothing is typed, and the next tap works`, async (t) => {
    const before = pids();
    const seen = stage.ends().length;
    const logged = stage.log(Zone.machine).length;
    stage.lab.nes.faults.add({ fault, route: 'credential' });
    const ended = await stage.tap(nextBand());
    stage.lab.nes.faults.clear();
    t.like(ended, { outcome: 'failed', reason });
    t.true(stage.log(Zone.machine).slice(logged).some((line) => line['msg'] === 'nes.failed' && line['link'] === link));
    const shown = (await stage.hands.report()).windows.at(-1)!.fields.map((field) => field.shown);
    t.deepEqual(shown, ['', '']);
    const next = nextBand();
    t.like(await stage.tap(next), { outcome: 'filled' });
    t.true(await stage.isFilled(next));
    t.is(stage.ends().length, seen + 2);
    t.deepEqual(pids(), before);
  });
}

test.serial('the Agent sends rubbish to everybody: all of it is passed over, and the next tap works', async (t) => {
  const before = pids();
  const seen = stage.ends().length;
  stage.lab.agent.fault('garbage');
  const tapOfNobody = { operation: 'nfc_tap', exchange: '', status: 0, payload: { endpoint_id: '127.0.0.1', uid: CANARY.repeat(50) } };
  for (const frame of [`{"${CANARY}`, Buffer.from([0xff, 0xfe, 0]), JSON.stringify(tapOfNobody)]) {
    stage.lab.agent.say(frame);
  }
  await until('the rubbish is in the log', () => [Zone.machine, Zone.session].every((zone) => stage.log(zone).some(({ msg }) => msg === 'agent.garbage')));
  const next = nextBand();
  t.like(await stage.tap(next), { outcome: 'filled' });
  t.is(stage.ends().length, seen + 1);
  t.deepEqual(pids(), before);
});

for (const fault of ['broken-json', 'silence', 'radio'] as const) {
  test.serial(`the Agent answers the question for the band’s key with ${fault}: the tap ends once as band-unreachable or late, and the next one works`, async (t) => {
    const seen = stage.ends().length;
    stage.lab.agent.fault(fault, 50);
    const ended = await stage.tap(nextBand());
    stage.lab.agent.heal();
    t.is(ended.outcome, 'failed');
    t.true(['band-unreachable', 'deadline:credential'].includes(ended.reason), ended.reason);
    await stage.lab.agent.subscribed(2);
    const next = nextBand();
    t.like(await stage.tap(next), { outcome: 'filled' });
    t.is(stage.ends().length, seen + 2);
  });
}

test.serial('a tap of a band that nobody knows is refused, and recorded as such', async (t) => {
  stage.lab.agent.tap('NB-99', 'nfc');
  await until('the end', () => stage.ends().find(({ reason }) => reason === 'unknown-band'));
  const folder = join(stage.dir, 'machine', 'logs', 'Audit');
  const audit = (): string => readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8')).join('');
  t.true(await until('the record', () => audit().includes('UnknownAuthenticatorDetected')));
});

test.serial('nothing that came from outside stands in a log', (t) => {
  t.false(logText().includes(CANARY));
  t.is(stage.printed, '');
});
