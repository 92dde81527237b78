// Who types in the comparison of the peers: each is given the number of a login, and says when it was told to type it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { nowUs } from '../../runtime/clock.ts';
import type { Desk, Login, Tapped, TapTimes } from './desk.ts';
import type { FormPage } from './form-page.ts';
import { livesWithUs } from './hosts.ts';
import type { KeePassXc } from './keepassxc.ts';

/** Wall milliseconds since 1970. */
export interface Typed {
  /** The order to type. */
  readonly orderedMs: number;
  /** Where the typist has seen for itself that all of it arrived. */
  readonly verifiedMs: number | null;
}
export type TimesOf = (tapped: Tapped) => TapTimes | null;
/** Known when the taps' own times are; of a tap that did not end as a verified fill, its reason. */
export type Typing = (times: TimesOf) => Typed | string;

export interface Typist {
  /** How long the form must be at rest after that: some are done when their last key is sent, others when it has arrived. */
  readonly quietMs: number;
  /** Types into the form in front; resolves when it says that it is done. */
  type(login: number): Promise<Typing>;
}

/** Our actors: the order is the commit of the tap. */
export function tapping(desk: Desk): Typist {
  return {
    quietMs: 0,
    type: async (login) => {
      const tapped = await desk.tap(login);
      const aheadMs = Date.now() - nowUs() / 1000;
      return (times) => {
        const time = times(tapped);
        if (time?.outcome !== 'filled') return time?.reason ?? 'not-committed';
        return { orderedMs: aheadMs + time.committedUs / 1000, verifiedMs: aheadMs + time.endedUs / 1000 };
      };
    },
  };
}

/** Longer than a busy browser takes from one key to the next. */
const QUIET_MS = 150;

/** A process for each login, as a script would start it; what it types comes through its standard input. */
export function withXdotool(environment: Readonly<Record<string, string>>, logins: readonly Login[]): Typist {
  return {
    quietMs: QUIET_MS,
    type: async (login) => {
      const { user, password } = logins[login]!;
      const orderedMs = Date.now();
      const child = livesWithUs(spawn('xdotool', ['type', '--delay', '0', '--file', '-'], { env: environment, stdio: ['pipe', 'ignore', 'ignore'] }));
      child.stdin?.end(`${user}\t${password}`);
      await once(child, 'exit');
      return () => ({ orderedMs, verifiedMs: null });
    },
  };
}

const SUBMITS_WITHIN_MS = 6000;

/** Its sequence ends with Enter; so it is done when the page submits, and if that key is lost, when it should have. */
export function autoTyping(keePassXc: KeePassXc, page: FormPage): Typist {
  return {
    quietMs: 0,
    type: async () => {
      const submitted = page.submitted(SUBMITS_WITHIN_MS);
      const orderedMs = Date.now();
      keePassXc.press();
      await submitted;
      return () => ({ orderedMs, verifiedMs: null });
    },
  };
}
