// The window-resolver's shell: keeps desktop and rules in view, has taps.ts answer each tap, and tells the tray how both are.
import { isProblem, problemLine } from '../../config/problem.ts';
import { platformFor } from '../../platform/index.ts';
import { isTrouble } from '../../platform/port.ts';
import type { Actor, ActorContext } from '../../runtime/actor.ts';
import { desktopAddress } from '../../runtime/desktop.ts';
import { RulesFile } from './rules-file.ts';
import { answer, seen } from './taps.ts';

const REPORT_EVERY_MS = 2000;

export async function start(context: ActorContext): Promise<Actor> {
  const { config, bus, clock, log } = context;
  const address = desktopAddress(config);
  const look = await (await platformFor(address)).look(address);
  const rulesFile = new RulesFile(config.applications.file);
  let reported = '';

  const options = { bus, nowUs: clock.nowUs, look, rules: () => rulesFile.read(), log };

  /** Tells the tray when rules or desktop changed for better or worse. */
  const report = async (): Promise<void> => {
    const rules = rulesFile.read();
    const settings = !isProblem(rules) ? 'good' : rules.problem === 'missing' ? 'missing' : 'broken';
    const window = await seen(() => look.foreground());
    const desktop = isTrouble(window) && window.trouble === 'no-desktop' ? 'unreachable' : 'reachable';
    if (reported === `${settings} ${desktop}`) return;
    if (isProblem(rules)) log.error({ problem: problemLine(rules) }, 'settings.broken');
    const ack = await bus.send('settings.reported', { settings, desktop }, { to: 'tray' });
    if (ack.ok) reported = `${settings} ${desktop}`;
  };
  let reporting: NodeJS.Timeout | undefined;

  return {
    handle: (message) => {
      if (message.kind === 'tap.accepted') void answer(options, message);
    },
    opened: () => {
      void report();
      reporting = setInterval(() => void report(), REPORT_EVERY_MS);
    },
    lineChanged: (to, _session, up) => {
      if (to === 'tray' && up) reported = '';
    },
    stop: async () => {
      clearInterval(reporting);
      await look.close();
    },
  };
}
