// What a user of the host may try: `zone-caller.ts CALL`, with the arguments on stdin and the answer on stdout, in JSON.
import { accessSync, constants, openSync, closeSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Dealer, Subscriber } from 'zeromq';
import { loadConfig } from '../../config/load.ts';
import { isProblem } from '../../config/problem.ts';
import { leaveMachineZone } from '../../runtime/actor.ts';
import { nowUs } from '../../runtime/clock.ts';
import { pack, readAnswer } from '../../runtime/codec.ts';
import { callEnrolment, type EnrolRequest } from '../../runtime/enrol.ts';
import { controlSocket } from '../../runtime/places.ts';

const works = (attempt: (path: string) => unknown) => (path: string): boolean => {
  try {
    attempt(path);
    return true;
  } catch {
    return false;
  }
};
const control = (machine: string): string => controlSocket(join(machine, 'run'));

const CALLS: Record<string, (...args: never[]) => unknown> = {
  'readable': (paths: string[]) => paths.filter(works((path) => closeSync(openSync(path, 'r')))),
  'writable': (paths: string[]) => paths.filter(works((path) => closeSync(openSync(path, 'a')))),
  'listable': (paths: string[]) => paths.filter(works((path) => readdirSync(path))),
  'connectable': (paths: string[]) => paths.filter(works((path) => accessSync(path, constants.W_OK))),
  'enrol': (machine: string, request: EnrolRequest) => callEnrolment(join(machine, 'run'), request),
  'enrol-many': async (machine: string, requests: EnrolRequest[]) => {
    const answers: unknown[] = [];
    for (const request of requests) answers.push(await callEnrolment(join(machine, 'run'), request).catch(() => null));
    return answers;
  },
  'leave': async (settingsFile: string) => {
    const config = loadConfig({ path: settingsFile });
    return isProblem(config) ? false : leaveMachineZone(config);
  },
  'raw': (machine: string, text: string) => raw(control(machine), `${text}\n`),
  'hold': (machine: string, times: number, request: EnrolRequest) => hold(control(machine), times, JSON.stringify(request)),
  'knock': (root: string, holder: string, endpoint: string, serverKey: string) => knock(endpoint, keysOf(root, holder, serverKey)),
  'say': (root: string, holder: string, endpoint: string, serverKey: string, session: string) => say(endpoint, keysOf(root, holder, serverKey), session),
};

const args = JSON.parse(readFileSync(0, 'utf8')) as never[];
const answer = await CALLS[process.argv[2]!]!(...args);
process.stdout.write(JSON.stringify(answer), () => process.exit());

interface Keys {
  readonly curveServerKey: string;
  readonly curvePublicKey: string;
  readonly curveSecretKey: string;
}

function keysOf(root: string, holder: string, curveServerKey: string): Keys {
  const { publicKey, secretKey } = JSON.parse(readFileSync(join(root, 'keys', `${holder}.curve`), 'utf8')) as { publicKey: string; secretKey: string };
  return { curveServerKey, curvePublicKey: publicKey, curveSecretKey: secretKey };
}

function raw(path: string, text: string): Promise<unknown> {
  return new Promise((resolve) => {
    let got = '';
    const socket = connect(path, () => socket.end(text));
    socket.on('error', () => {}).on('data', (chunk) => (got += String(chunk)));
    socket.on('close', () => resolve(got === '' ? null : JSON.parse(got)));
  });
}

/** Opens so many connections and feeds each a letter at a time; resolves with how many were cut off when all are. */
function hold(path: string, times: number, text: string): Promise<number> {
  return new Promise((resolve) => {
    let closed = 0;
    for (let i = 0; i < times; i++) {
      const socket = connect(path);
      let at = 0;
      const feeding = setInterval(() => socket.write(text[at++ % text.length]!), 100);
      socket.on('error', () => {}).on('close', () => {
        clearInterval(feeding);
        if (++closed === times) resolve(closed);
      });
    }
  });
}

/** What became of the handshake. The system refuses without an event: zeromq goes on trying. */
async function knock(endpoint: string, keys: Keys): Promise<string> {
  const socket = endpoint.endsWith('.outlet') ? new Subscriber({ linger: 0, ...keys }) : new Dealer({ linger: 0, ...keys });
  socket.connect(endpoint);
  for await (const { type } of socket.events) {
    if (type === 'connect:retry' || type === 'close') return 'refused by the system';
    if (type.startsWith('handshake')) return type;
  }
  return 'refused by the system';
}

/** Cancels a tap in the name of that session; what the door says of it. */
async function say(endpoint: string, keys: Keys, session: string): Promise<string> {
  const socket = new Dealer({ linger: 0, ...keys });
  socket.connect(endpoint);
  const at = nowUs();
  const envelope = {
    id: 'said', kind: 'tap.cancelled', v: 1, tap: 'no-such-tap', cause: null, from: 'tap-listener', session, at, deadline: at + 5_000_000, wall: Date.now(),
  };
  await socket.send([pack(envelope), pack({ reason: 'cancelled:two-bands' })]);
  const [frame] = await socket.receive();
  return readAnswer(frame!)?.code ?? 'unreadable';
}
