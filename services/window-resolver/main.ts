// The window-resolver's shell: keeps desktop and rules in view, has taps.ts answer each tap, and tells the tray how both are.
import { isProblem, problemLine } from '../../config/problem.ts';
import { platformFor } from '../../platform/index.ts';
import { isTrouble } from '../../platform/port.ts';
import type { Actor, ActorContext } from '../../runtime/actor.ts';
import { desktopAddress } from '../../runtime/desktop.ts';
import { RulesFile, type RulesInForce } from './rules-file.ts';
import { answer, seen } from './taps.ts';

const REPORT_EVERY_MS = 2000;

export async function start(context: ActorContext): Promise<Actor> {
  const { config, bus, clock, log } = context;
  const address = desktopAddress(config);
  const look = await (await platformFor(address)).look(address);
  const rulesFile = new RulesFile(config.applications.file, config.applications.overruledBy);
  let [reported, noted] = ['', ''];

  const options = { bus, nowUs: clock.nowUs, look, rules: () => rulesFile.read().rules, unseenForms: config.unseenForms, log };

  /** Tells the log once of each fault, and of the end of the last one. */
  const note = ({ rules, fault }: RulesInForce): void => {
    const problem = fault === null ? '' : problemLine(fault);
    if (problem === noted) return;
    noted = problem;
    if (fault === null) log.info('settings.mended');
    else if (isProblem(rules)) log.error({ problem }, 'settings.broken');
    else log.warn({ problem }, 'settings.kept');
  };

  /** Tells the tray when rules or desktop changed for better or worse. */
  const report = async (): Promise<void> => {
    const inForce = rulesFile.read();
    const { rules, fault } = inForce;
    note(inForce);
    const settings = fault === null ? 'good' : fault.problem === 'missing' ? 'missing' : 'broken';
    const kept = fault !== null && !isProblem(rules);
    const window = await seen(() => look.foreground());
    const desktop = isTrouble(window) && window.trouble === 'no-desktop' ? 'unreachable' : 'reachable';
    const state = `${settings} ${kept} ${desktop}`;
    if (reported === state) return;
    const ack = await bus.send('settings.reported', { settings, kept, desktop }, { to: 'tray' });
    if (ack.ok) reported = state;
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
