// What must hold in every world, each as a function that gives the first breach in words, or null.
import { LATE_MS } from '../../services/audit/decide.ts';
import { budget, type Fact, type World } from './world.ts';

const MS = 1000;
/** A message on its way, a record on its way to the disk. */
const SLACK_MS = 100;

type Invariant = (world: World) => string | null;
type FactOf<F extends Fact['fact']> = Fact & { readonly fact: F };

const all = <F extends Fact['fact']>(world: World, kind: F): FactOf<F>[] => world.history.filter((fact): fact is FactOf<F> => fact.fact === kind);
const ofTap = <F extends Fact & { tap: string | null }>(facts: readonly F[], tap: string | null): F[] => facts.filter((fact) => fact.tap === tap);
const words = ({ outcome, reason }: { outcome: string; reason: string }): string => `${outcome} ${reason}`;
const first = <T>(items: readonly T[], breach: (item: T) => string | null): string | null => {
  for (const item of items) {
    const found = breach(item);
    if (found !== null) return found;
  }
  return null;
};

/** What was so when a character was asked for. */
const before = (world: World, { askedUs }: FactOf<'typed'>): readonly Fact[] => world.history.filter(({ atUs }) => atUs <= askedUs);
const has = (facts: readonly Fact[], kind: Fact['fact'], tap: string): boolean => facts.some((fact) => fact.fact === kind && 'tap' in fact && fact.tap === tap);

export const everyAcceptedTapEndsOnce: Invariant = (world) => {
  const ended = all(world, 'ended');
  return first(all(world, 'accepted'), ({ tap }) => {
    const ends = ofTap(ended, tap);
    return ends.length === 1 ? null : `${tap} has ${ends.length} ends: ${ends.map(words).join(', ')}`;
  });
};

export const noTapOutlivesItsLease: Invariant = (world) =>
  first(all(world, 'accepted'), (accepted) => {
    const { tap, deadlineUs } = accepted;
    const [end] = ofTap(all(world, 'ended'), tap);
    const [record] = ofTap(all(world, 'recorded'), tap);
    const leaseUs = deadlineUs + budget.leaseGraceMs * MS;
    if (end !== undefined && end.atUs > leaseUs + SLACK_MS * MS && !died(world, 'tap-listener', accepted)) return `${tap} ends ${end.atUs - leaseUs} us after its lease`;
    const closed = record === undefined || record.atUs <= leaseUs + (LATE_MS + SLACK_MS) * MS;
    return closed || died(world, 'audit', accepted) || !has(world.history, 'intended', tap) ? null : `${tap} is recorded ${record.atUs - leaseUs} us after its lease`;
  });

/** Whether an actor died after this, so that its successor came when it came. */
const died = (world: World, actor: string, since: Fact): boolean => all(world, 'killed').some((fact) => fact.actor === actor && fact.atUs >= since.atUs);

export const nothingIsTypedOutOfTurn: Invariant = (world) =>
  first(all(world, 'typed'), (typed) => {
    const { tap, askedUs } = typed;
    if (tap === null) return `typed for no tap at ${askedUs}`;
    const past = before(world, typed);
    const accepted = all(world, 'accepted').find((fact) => fact.tap === tap);
    if (!has(past, 'committed', tap)) return `${tap} typed before it was committed`;
    if (!has(past, 'granted', tap)) return `${tap} typed before it was granted`;
    if (has(past, 'ended', tap)) return `${tap} typed after its end`;
    return accepted === undefined || askedUs <= accepted.deadlineUs ? null : `${tap} typed ${askedUs - accepted.deadlineUs} us after its deadline`;
  });

export const ofTwoBandsTogetherNoneIsTyped: Invariant = (world) =>
  first(all(world, 'granted'), ({ tap }) => {
    const own = all(world, 'accepted').find((fact) => fact.tap === tap);
    const beside = all(world, 'tapped').filter(({ band, atUs }) => own !== undefined && band !== own.band && Math.abs(atUs - own.tappedUs) < budget.ambiguityMs * 1000);
    return beside.every((fact) => isEcho(world, fact)) ? null : `${tap} was granted beside a tap of another band`;
  });

/** A band that tapped just before bounces, or is heard by the other radio: it is no second person. */
const isEcho = (world: World, { band, atUs }: FactOf<'tapped'>): boolean =>
  all(world, 'tapped').some((fact) => fact.band === band && fact.atUs < atUs && atUs - fact.atUs < budget.bounceMs * 1000);

export const noKeystrokeWithoutIntent: Invariant = (world) =>
  first(all(world, 'typed'), (typed) => (has(before(world, typed), 'intended', typed.tap ?? '') ? null : `${typed.tap} typed before its intent was durable`));

export const noIntentWithoutOutcome: Invariant = (world) => {
  const recorded = all(world, 'recorded');
  return first(all(world, 'intended'), ({ tap }) => {
    const outcomes = ofTap(recorded, tap);
    return outcomes.length === 1 ? null : `${tap} has an intent and ${outcomes.length} outcomes`;
  });
};

export const personAndRecordAgree: Invariant = (world) => {
  const [shown, recorded, noted] = [all(world, 'shown'), all(world, 'recorded'), all(world, 'noted')];
  return first(all(world, 'ended'), (end) => {
    const { tap } = end;
    const silent = end.reason === 'suppressed';
    const [record, ...more] = ofTap(recorded, tap);
    const notes = ofTap(noted, tap);
    const wrong = ofTap(shown, tap).find((fact) => silent || words(fact) !== words(end));
    if (wrong !== undefined) return `${tap} ended ${words(end)} and the person read ${words(wrong)}`;
    if (more.length > 0 || notes.length > 1) return `${tap} is recorded ${1 + more.length} times, with ${notes.length} notes`;
    // A successor of the window-resolver judges a tap again, and somebody may have changed the window in between.
    const [accepted] = ofTap(all(world, 'accepted'), tap);
    const resolverDied = accepted !== undefined && died(world, 'window-resolver', accepted);
    const judgedTwice = resolverDied && has(all(world, 'intended'), 'intended', tap) && record !== undefined && words(record) === 'unknown lease-expired';
    if (silent) return record === undefined || judgedTwice ? null : `${tap} was suppressed and is recorded`;
    if (record === undefined) return `${tap} is not recorded`;
    if (words(record) === words(end)) return notes.length === 0 ? null : `${tap} has a note without need`;
    // Nobody told the end in time: the record has closed the tap by its own rule, before the end came.
    return words(record) === 'unknown lease-expired' ? null : `${tap} ended ${words(end)} and is recorded ${words(record)}`;
  });
};

export const nothingGoesAstray: Invariant = ({ desktop: { desktop } }) => {
  if (desktop.stray.length > 0) return `${desktop.stray.length} characters went astray`;
  const submits = desktop.windows.reduce((sum, { page }) => sum + page.submits, desktop.submitsBefore);
  if (submits > 0) return 'something was submitted';
  const { pressed, mapped } = desktop.keyboard;
  return pressed.length + mapped.length === 0 ? null : `keys left: ${pressed.length} pressed, ${mapped.length} mapped`;
};

/** What a page changes right after it was read back is no longer the injector's word. */
export const whatIsFilledIsRight: Invariant = (world) =>
  first(all(world, 'filled'), ({ tap, right, wasRight, atUs }) => {
    const lastKeyUs = Math.max(...ofTap(all(world, 'typed'), tap).map((fact) => fact.atUs));
    const changed = wasRight && all(world, 'disturbed').some((fact) => fact.atUs >= lastKeyUs - MS && fact.atUs <= atUs);
    return right || changed ? null : `${tap} is told as filled and is not`;
  });

export const whatFailedIsCleared: Invariant = (world) =>
  first(all(world, 'failed'), ({ tap, reason, leftCharacters }) => (leftCharacters === 0 ? null : `${tap} failed as ${reason} and left ${leftCharacters} characters`));

export const nothingIsRemembered: Invariant = ({ cameToRest, listener, broker, injector, audit }) => {
  if (!cameToRest) return 'the world does not come to rest';
  const counts = {
    'tap of the listener': listener.state.open === null ? 0 : 1,
    'untold ends': listener.untold,
    'taps of the broker': Object.keys(broker.state).length + broker.holding,
    'taps of the injector': Object.keys(injector.state).length + injector.holding,
    'taps of the audit': Object.keys(audit.state.open).length + Object.keys(audit.state.closed).length,
  };
  return first(Object.entries(counts), ([what, count]) => (count === 0 ? null : `${count} ${what} remembered`));
};

const INVARIANTS: Readonly<Record<string, Invariant>> = {
  everyAcceptedTapEndsOnce, noTapOutlivesItsLease, nothingIsTypedOutOfTurn, ofTwoBandsTogetherNoneIsTyped, noKeystrokeWithoutIntent, noIntentWithoutOutcome,
  personAndRecordAgree, nothingGoesAstray, whatIsFilledIsRight, whatFailedIsCleared, nothingIsRemembered,
};

/** Breaches of a world that came to rest, as `invariant: words`. */
export const breaches = (world: World): string[] =>
  Object.entries(INVARIANTS).flatMap(([name, invariant]) => {
    const breach = invariant(world);
    return breach === null ? [] : [`${name}: ${breach}`];
  });
