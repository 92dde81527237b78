import test from 'ava';
import { VirtualTimeScheduler } from 'rxjs';
import { after, Runner, type RunnerOptions, type Step } from '../../runtime/run.ts';

type Event = string;
type Command = { readonly do: 'say'; readonly word: string };
const say = (word: string): Command => ({ do: 'say', word });

/** `say X` says it; `in MS X` has X happen after MS; everything is remembered. */
const step: Step<readonly string[], Event, Command> = (state, event) => {
  const next = [...state, event];
  const [verb, first = '', ...rest] = event.split(' ');
  if (verb === 'say') return [next, [say(first)]];
  if (verb === 'in') return [next, [after(Number(first), rest.join(' '))]];
  if (verb === 'both') return [next, [say('one'), say('two')]];
  return [next, []];
};

/** A runner in virtual time: a step sees the time of the scheduler. */
function stage(options: Partial<RunnerOptions<readonly string[], Event, Command>> = {}) {
  const time = new VirtualTimeScheduler();
  const said: string[] = [];
  const seen: [number, Event][] = [];
  const runner = new Runner<readonly string[], Event, Command>({
    step, initial: [], nowUs: () => time.now() * 1000, scheduler: time,
    perform: ({ word }) => said.push(word),
    observe: (event, nowUs) => seen.push([nowUs, event]),
    ...options,
  });
  return { time, said, seen, runner };
}

test('an event changes the state and has its commands performed', (t) => {
  const { runner, said } = stage();
  runner.emit('say hello');
  t.deepEqual(runner.state, ['say hello']);
  t.deepEqual(said, ['hello']);
});

test('an event emitted while a command is performed waits for the commands at hand', (t) => {
  const order: string[] = [];
  const { runner } = stage({
    perform: ({ word }) => {
      order.push(`${word} begins`);
      if (word === 'one') runner.emit('say later');
      order.push(`${word} ends`);
    },
  });
  runner.emit('both');
  t.deepEqual(order, ['one begins', 'one ends', 'two begins', 'two ends', 'later begins', 'later ends']);
  t.deepEqual(runner.state, ['both', 'say later']);
});

test('events emitted while another is taken keep their order', (t) => {
  const { runner } = stage({ perform: ({ word }) => { if (word === 'one') for (const event of ['a', 'b', 'c']) runner.emit(event); } });
  runner.emit('both');
  runner.emit('d');
  t.deepEqual(runner.state, ['both', 'a', 'b', 'c', 'd']);
});

test('a timer fires as an event, after its time and in order of time', (t) => {
  const { runner, time, seen } = stage();
  for (const event of ['in 30 third', 'in 10 first', 'in 20 second', 'in 0 at-once']) runner.emit(event);
  t.is(seen.length, 4);
  time.flush();
  t.deepEqual(seen.slice(4), [[0, 'at-once'], [10_000, 'first'], [20_000, 'second'], [30_000, 'third']]);
});

test('a timer that is set when another fires counts from there', (t) => {
  const { runner, time, seen } = stage();
  runner.emit('in 10 in 5 end');
  time.flush();
  t.deepEqual(seen.at(-1), [15_000, 'end']);
});

test('a time in the past is now', (t) => {
  t.is(after(-5, 'x').ms, 0);
});

test('a stopped runner has no timer fire any more', (t) => {
  const { runner, time, seen } = stage();
  runner.emit('in 10 never');
  runner.stop();
  time.flush();
  t.deepEqual(seen.map(([, event]) => event), ['in 10 never']);
});

test('what is observed, fed to the step again, gives the same state: a replay', (t) => {
  const { runner, time, seen } = stage();
  for (const event of ['in 10 say late', 'say early', 'both']) runner.emit(event);
  time.flush();
  const replayed = seen.reduce<readonly string[]>((state, [nowUs, event]) => step(state, event, nowUs)[0], []);
  t.deepEqual(replayed, runner.state);
});

test('a step that throws leaves the runner fit for the next event', (t) => {
  const { runner } = stage({ perform: ({ word }) => { if (word === 'bad') throw new Error('broken'); } });
  t.throws(() => runner.emit('say bad'), { message: 'broken' });
  runner.emit('say good');
  t.deepEqual(runner.state, ['say bad', 'say good']);
});

test('a step that sets timers without end is stopped', (t) => {
  const { runner } = stage();
  t.throws(() => { for (let round = 0; round <= 10_000; round += 1) runner.emit('in 1000 x'); }, { instanceOf: RangeError });
});
