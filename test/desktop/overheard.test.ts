// What passes over the accessibility bus while a tap is filled, and to whom Tapline listens there: docs/decisions/0024.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { openAccessibility } from '../../platform/linux/atspi.ts';
import { connectBus } from '../../platform/linux/bus.ts';
import { listenTo } from '../../platform/linux/listening.ts';
import { focusOn, mustShow } from '../platform/aim.ts';
import { BrowserStage, startLab } from '../platform/linux-stage.ts';
import type { Lab } from '../platform/linux-stage.ts';
import { eventually } from '../platform/stage.ts';
import { Key, Person } from './person.ts';
import { FILLED, NOWHERE_ELSE, ONE, TOOLKITS, tap } from './toolkits.ts';

/** The call by which programs tell the registry of a key. */
const TOLD = 'member=NotifyListenersSync';
const LEFT_WITHIN_MS = 10_000;
/** Nobody types faster; scanners do. */
const BETWEEN_KEYS_MS = 10;
const KEYS_BEFORE = 20;
/** The call by which somebody begins to listen. */
const LISTENS = 'member=RegisterEvent';
/** How the registry takes an empty name. */
const EVERY_PROGRAM = '';

interface Overhearing {
  /** All that was heard, up to the moment of the call. */
  heard(): Promise<string>;
  /** Resolves when those who were heard to begin to listen are off the bus. */
  unheard(): Promise<void>;
}

/** Hears all that passes over the accessibility bus of the lab from now on. */
async function eavesdrop(t: ExecutionContext, { desktop }: Lab): Promise<Overhearing> {
  const session = await connectBus(desktop.address.sessionBus ?? '');
  const address = await session.accessibilityAddress();
  session.close();
  const bus = await connectBus(address);
  const monitor = spawn('dbus-monitor', ['--address', address], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => (bus.close(), monitor.kill()));
  let heard = '';
  monitor.stdout.setEncoding('utf8').on('data', (part: string) => (heard += part));
  const says = async (word: string): Promise<string> => {
    const ask = (): Promise<unknown> => bus.call('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'NameHasOwner', 's', [word]);
    await eventually(ask, () => heard.includes(word));
    return heard;
  };
  await says('from.here.on');
  const listeners = (): string[] => messagesIn(heard).filter((message) => message.includes(LISTENS)).map((message) => /sender=(\S+)/.exec(message)?.[1] ?? '');
  const unheard = async (): Promise<void> => {
    await says('all.who.listen');
    const listening = await eventually(async () => {
      const names = await bus.names();
      return listeners().filter((name) => names.includes(name));
    }, (left) => left.length === 0, LEFT_WITHIN_MS);
    t.deepEqual(listening, []);
  };
  return { heard: () => says('up.to.here'), unheard };
}

const messagesIn = (heard: string): string[] => heard.split(/\n(?=\S)/);

for (const { name, tells, tellsListeners, start } of TOOLKITS) {
  test.serial(`${name}: the accessibility bus carries no key of a tap, unless somebody listens to the program`, async (t) => {
    const lab = await startLab();
    const { unheard } = await eavesdrop(t, lab);
    const stage = await start(lab);
    t.teardown(() => stage.end());
    const overhearATap = async (): Promise<readonly string[]> => {
      const window = await stage.open('login');
      await focusOn(t, stage, window, 'user');
      const overheard = await eavesdrop(t, lab);
      t.deepEqual(await tap(t, stage, { ...ONE, password: NOWHERE_ELSE }), FILLED);
      await mustShow(t, stage, window, { user: ONE.user, password: NOWHERE_ELSE });
      const heard = await overheard.heard();
      t.true(heard.includes('GetState'), 'the bus is heard');
      const telling = messagesIn(heard).filter((message) => [TOLD, ...NOWHERE_ELSE].some((sign) => message.includes(sign)));
      return [...new Set(telling.map((message) => /member=(\w+)/.exec(message)?.[1] ?? ''))];
    };
    await focusOn(t, stage, await stage.open('login'), 'user');
    await unheard();
    t.deepEqual(await overhearATap(), tells);
    const other = await openAccessibility(lab.desktop.address.sessionBus ?? '');
    const listener = await listenTo(other, EVERY_PROGRAM);
    t.teardown(() => (listener.close(), other.close()));
    t.deepEqual(await overhearATap(), tellsListeners);
  });
}

test.serial('Chromium: a look that listens to it ends while somebody types, and it lives on and gets every key', async (t) => {
  const lab = await startLab();
  const stage = await BrowserStage.start(lab);
  const person = new Person(lab);
  t.teardown(() => (person.close(), stage.end()));
  const { heard } = await eavesdrop(t, lab);
  const window = await stage.open('login');
  await focusOn(t, stage, window, 'user');
  const ending = new AbortController();
  let keys = 0;
  const typing = (async () => {
    while (!ending.signal.aborted) {
      person.tap(Key.x);
      keys++;
      await sleep(BETWEEN_KEYS_MS);
    }
  })();
  await eventually(heard, (messages) => messages.split(TOLD).length > KEYS_BEFORE);
  await lab.look.close();
  ending.abort();
  await typing;
  const shown = await eventually(async () => (await stage.seen()).windows[window]?.['user'], (value) => value?.length === keys);
  t.is(shown, 'x'.repeat(keys));
});
