// The way from a second terminal into a running lab: a socket in the lab's private folder, and a note in the home folder that
// says where it is.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { loadConfig, type Config } from '../../config/load.ts';
import { isProblem, type ConfigProblem } from '../../config/problem.ts';
import { BAND_ID_MAX } from '../../contracts/tap.ts';
import { isAlive } from '../../supervisor/ready.ts';
import type { TapLine } from './taps.ts';

const NOTE = z.object({
  pid: z.number().int().positive(),
  /** Path of the control socket. */
  control: z.string().min(1),
  /** The lab's folder: TAPLINE_HOME of its actors. */
  dir: z.string().min(1),
  desktop: z.enum(['x11', 'virtual']),
  page: z.string(),
  /** What a program needs to find the lab's desktop. */
  environment: z.record(z.string(), z.string()),
});
export type LabNote = z.output<typeof NOTE>;

const ASKED = z.strictObject({ band: z.string().max(BAND_ID_MAX), via: z.enum(['nfc', 'ble']) });
export type Asked = z.output<typeof ASKED>;

/** What a tap from another terminal is answered with. */
export interface Answered extends TapLine {
  readonly band: string;
  readonly who: string | null;
}

const BODY_BYTES_MAX = 4096;
const ANSWER_WITHIN_MS = 30_000;

const noteFile = (home: string): string => join(home, 'lab.json');

/** The lab that runs from this home folder; null if there is none. */
export function findLab(home: string): LabNote | null {
  if (!existsSync(noteFile(home))) return null;
  try {
    const note = NOTE.parse(JSON.parse(readFileSync(noteFile(home), 'utf8')));
    return isAlive(note.pid) && existsSync(note.control) ? note : null;
  } catch {
    return null;
  }
}

/** The configuration of the lab that runs from the home folder, which is what one means then; else one's own. */
export function configInUse(): Config | ConfigProblem {
  const own = loadConfig();
  const lab = isProblem(own) ? null : findLab(own.home);
  return lab === null ? own : loadConfig({ path: join(lab.dir, 'config.json'), env: { ...process.env, ...lab.environment } });
}

/** Listens on the note's socket and leaves the note; resolves with what takes both away again. */
export async function serveControl(home: string, note: LabNote, tap: (asked: Asked) => Promise<Answered>): Promise<() => Promise<void>> {
  const server = createServer((incoming, response) => void answer(incoming, response, tap).catch(() => response.destroy()));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(note.control, resolve));
  mkdirSync(dirname(noteFile(home)), { recursive: true });
  writeFileSync(noteFile(home), JSON.stringify(note, null, 2), { mode: 0o600 });
  return async () => {
    rmSync(noteFile(home), { force: true });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
}

/** Taps in the lab of that note and resolves with the end of the tap. */
export async function askLab({ control }: LabNote, asked: Asked): Promise<Answered> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const call = request({ socketPath: control, path: '/tap', method: 'POST', timeout: ANSWER_WITHIN_MS }, resolve);
    call.once('error', reject).once('timeout', () => call.destroy(new Error('the lab did not answer')));
    call.end(JSON.stringify(asked));
  });
  const body = await textOf(response);
  if (response.statusCode !== 200 || body === null) throw new Error('the lab could not do that');
  return JSON.parse(body) as Answered;
}

async function answer(incoming: IncomingMessage, response: ServerResponse, tap: (asked: Asked) => Promise<Answered>): Promise<void> {
  if (incoming.method !== 'POST' || incoming.url !== '/tap') return void response.writeHead(404).end();
  const asked = parsed(await textOf(incoming));
  if (asked === null) return void response.writeHead(400).end();
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(await tap(asked)));
}

/** Null if it is longer than the bound. */
async function textOf(stream: IncomingMessage): Promise<string | null> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    if (text.length > BODY_BYTES_MAX) return null;
  }
  return text;
}

function parsed(body: string | null): Asked | null {
  try {
    return ASKED.parse(JSON.parse(body ?? ''));
  } catch {
    return null;
  }
}
