import test from 'ava';
import { ACTORS, ACTOR_NAMES, actorsOf, Zone, type ActorName } from '../../contracts/actors.ts';
import { permitted, receiversOf, sendersTo } from '../../contracts/catalogue.ts';
import { Delivery } from '../../contracts/schema.ts';
import { CONTRACTS } from './arbitrary.ts';

/** Whose mailbox each actor may write to, and with what. A change here is a change of who trusts whom. */
const MATRIX: Record<ActorName, Partial<Record<ActorName, readonly string[]>>> = {
  'audit': { 'nes-gateway': ['nes.post-audit'] },
  'nes-gateway': { 'credential-broker': ['nes.reported'] },
  'credential-broker': {
    'audit': ['audit.record-event', 'audit.record-intent', 'audit.record-outcome', 'audit.record-person'],
    'nes-gateway': ['nes.fetch-credential', 'nes.issue-token', 'nes.remove-password', 'nes.store-password'],
    'injector': ['credential.issued', 'prekeys.wanted'],
    'tap-listener': ['credential.refused'],
    'tray': ['form.judged', 'form.requested', 'service.reported'],
  },
  'tray': { 'credential-broker': ['form.answered'] },
  'injector': { 'credential-broker': ['prekeys.offered'], 'tap-listener': ['injection.begun', 'injection.ended'] },
  'window-resolver': {
    'credential-broker': ['target.refused', 'target.resolved'],
    'injector': ['target.resolved'],
    'tap-listener': ['target.refused', 'target.resolved'],
    'tray': ['settings.reported', 'tap.received'],
  },
  'tap-listener': {
    'credential-broker': ['tap.accepted', 'tap.cancelled', 'tap.ended'],
    'injector': ['tap.cancelled', 'tap.committed'],
    'tray': ['agent.reported', 'tap.dropped', 'tap.ended'],
    'window-resolver': ['tap.accepted'],
  },
  // It hears facts alone, and tells nobody anything.
  'recorder': {},
};
const DIRECT = CONTRACTS.filter(({ delivery }) => delivery === Delivery.direct);

for (const from of ACTOR_NAMES) {
  for (const to of ACTOR_NAMES) {
    const allowed = MATRIX[from][to] ?? [];
    test(`${from} may send ${allowed.length === 0 ? 'nothing' : allowed.join(', ')} to ${to}`, (t) => {
      t.deepEqual(CONTRACTS.filter(({ kind }) => permitted(kind, from, to)).map(({ kind }) => kind).sort(), [...allowed]);
      t.is(sendersTo(to).includes(from), allowed.length > 0);
      t.is(receiversOf(from).includes(to), allowed.length > 0);
    });
  }
}

test('every direct kind has a sender and a receiver, and no actor sends to itself', (t) => {
  for (const { kind, from, to } of DIRECT) {
    t.true(from.length > 0 && to.length > 0, kind);
    t.deepEqual(from.filter((actor) => to.includes(actor)), [], kind);
  }
});

test('a session reaches one mailbox of the machine zone: the broker', (t) => {
  const reached = new Set(actorsOf(Zone.session).flatMap((from) => receiversOf(from)).filter((to) => ACTORS[to].zone === Zone.machine));
  t.deepEqual([...reached], ['credential-broker']);
});

test('of the machine zone, only the broker speaks into a session', (t) => {
  const speaking = actorsOf(Zone.machine).filter((from) => receiversOf(from).some((to) => ACTORS[to].zone === Zone.session));
  t.deepEqual(speaking, ['credential-broker']);
});

test('a sealed credential goes from the broker to the injector and to nobody else', (t) => {
  t.like(CONTRACTS.find(({ kind }) => kind === 'credential.issued'), { from: ['credential-broker'], to: ['injector'], recorded: false });
});

test('only actors of one zone share the way to NES and to the record', (t) => {
  for (const to of ['nes-gateway', 'audit'] as const) t.true(sendersTo(to).every((from) => ACTORS[from].zone === Zone.machine));
});

test('what holds a box, a key or an answer of a person is not recorded', (t) => {
  for (const kind of ['credential.issued', 'prekeys.offered', 'form.answered', 'nes.issue-token']) t.like(CONTRACTS.find((each) => each.kind === kind), { recorded: false });
});

test('a fact goes to no mailbox, and an unknown kind to nobody', (t) => {
  for (const { kind } of CONTRACTS.filter(({ delivery }) => delivery === Delivery.fact)) {
    for (const from of ACTOR_NAMES) for (const to of ACTOR_NAMES) t.false(permitted(kind, from, to));
  }
  for (const from of ACTOR_NAMES) for (const to of ACTOR_NAMES) t.false(permitted('no.such-kind', from, to));
});
