// What passes over the accessibility bus while a tap is filled, and to whom Tapline listens there: docs/decisions/0024.
import { spawn } from 'node:child_process';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { openAccessibility } from '../../platform/linux/atspi.ts';
import { connectBus } from '../../platform/linux/bus.ts';
import { focusOn, mustShow } from '../platform/aim.ts';
import { startLab } from '../platform/linux-stage.ts';
import type { Lab } from '../platform/linux-stage.ts';
import { eventually } from '../platform/stage.ts';
import { FILLED, NOWHERE_ELSE, ONE, TOOLKITS, tap } from './toolkits.ts';

/** The call by which programs tell the registry of a key. */
const TOLD = 'member=NotifyListenersSync';
/** How the registry takes an empty name. */
const EVERY_PROGRAM = '';

/** Hears all that passes over the accessibility bus of the lab from now on; gives it as text, up to the moment of the call. */
async function eavesdrop(t: ExecutionContext, { desktop }: Lab): Promise<() => Promise<string>> {
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
  await says('before.the.tap');
  return () => says('after.the.tap');
}

for (const { name, tells, tellsListeners, start } of TOOLKITS) {
  test.serial(`${name}: the accessibility bus carries no key of a tap, unless somebody listens to the program`, async (t) => {
    const lab = await startLab();
    const stage = await start(lab);
    t.teardown(() => stage.end());
    const overhearATap = async (): Promise<readonly string[]> => {
      const window = await stage.open('login');
      await focusOn(t, stage, window, 'user');
      const overheard = await eavesdrop(t, lab);
      t.deepEqual(await tap(t, stage, { ...ONE, password: NOWHERE_ELSE }), FILLED);
      await mustShow(t, stage, window, { user: ONE.user, password: NOWHERE_ELSE });
      const heard = await overheard();
      t.true(heard.includes('GetState'), 'the bus is heard');
      const telling = heard.split(/\n(?=\S)/).filter((message) => [TOLD, ...NOWHERE_ELSE].some((sign) => message.includes(sign)));
      return [...new Set(telling.map((message) => /member=(\w+)/.exec(message)?.[1] ?? ''))];
    };
    t.deepEqual(await overhearATap(), tells);
    const other = await openAccessibility(lab.desktop.address.sessionBus ?? '');
    const listener = await other.haveFocusTold(EVERY_PROGRAM);
    t.teardown(() => (listener.close(), other.close()));
    t.deepEqual(await overhearATap(), tellsListeners);
  });
}
