// The password form: a pinentry program, which keeps what is typed in locked memory and off the clipboard.
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { Secret } from '../../contracts/secret.ts';
import { command, Lines, Pin } from './assuan.ts';
import { environment } from './programs.ts';
import type { Surroundings } from './programs.ts';

export interface PasswordQuestion {
  readonly title: string;
  readonly text: string;
  readonly user: string;
  /** The red line; empty for none. */
  readonly status: string;
}
/** `failed` is for the log: what the program did, never what was typed. */
export type PasswordAnswer = { readonly secret: Secret } | { readonly cancelled: 'person' | 'time' } | { readonly failed: string };

export interface PinentryOptions extends Surroundings {
  readonly program: string;
  /** How long the person may take, in ms. */
  readonly waitMs: number;
  /** Closes the form; it then counts as cancelled. */
  readonly signal: AbortSignal;
}

/** Asks once. Never throws; ends at the latest a few seconds after `waitMs`. */
export async function askPassword(question: PasswordQuestion, options: PinentryOptions): Promise<PasswordAnswer> {
  if (options.signal.aborted) return { cancelled: 'person' };
  const form = new Form(options);
  try {
    return await dialogue(form, question, options.waitMs);
  } finally {
    form.close();
  }
}

const CONFIRM = 'Confirm';
/** An empty password is not an answer: a directory may take it for an anonymous sign-in. */
const EMPTY_MAX = 5;
const KILL_AFTER_MS = 3_000;

/** Low 16 bits of an error code are libgpg-error's; the rest names the source. */
const CODES: Readonly<Record<number, PasswordAnswer>> = { 62: { cancelled: 'time' }, 99: { cancelled: 'person' }, 198: { cancelled: 'person' } };

async function dialogue(form: Form, { title, text, user, status }: PasswordQuestion, waitMs: number): Promise<PasswordAnswer> {
  const greeting = await form.answer();
  if (greeting !== 'OK') return ended(greeting);
  const settings: readonly (readonly [string, string])[] = [
    ['OPTION', 'lc-ctype=C.UTF-8'],
    ['SETTIMEOUT', String(Math.ceil(waitMs / 1_000))],
    ['SETTITLE', title],
    ['SETDESC', `${text}\n\nUsername : ${user}`],
    ['SETPROMPT', 'Password :'],
    ['SETOK', CONFIRM],
    ['SETCANCEL', 'Cancel'],
    ...(status === '' ? [] : [['SETERROR', status] as const]),
  ];
  // A program may not know one of these and still ask: only the end of the program counts.
  for (const [name, value] of settings) {
    const answer = await form.say(name, value);
    if (answer === null || answer.startsWith('!')) return ended(answer);
  }
  for (let asked = 0; asked < EMPTY_MAX; asked++) {
    const answer = await form.say('GETPIN');
    if (answer !== 'OK') return ended(answer);
    const bytes = form.pin.take();
    if (bytes === null) return { failed: 'the form gave a value that is too long' };
    if (bytes.length > 0) return { secret: new Secret(bytes) };
  }
  return { cancelled: 'person' };
}

/** Reads an answer that is not `OK`. */
function ended(answer: string | null): PasswordAnswer {
  if (answer === null) return { failed: 'the form ended without an answer' };
  if (answer === ABORTED) return { cancelled: 'person' };
  const code = /^ERR (\d+)/.exec(answer)?.[1];
  if (code === undefined) return { failed: answer === OVERLONG ? 'the form sent a line that is too long' : 'the form answered out of turn' };
  return CODES[Number(code) & 0xffff] ?? { failed: `the form answered with error ${code}` };
}

const ABORTED = '!aborted';
const OVERLONG = '!overlong';
const D = 0x44;
const SPACE = 0x20;

/** The running program. Answers are `OK`, `ERR code`, `!why`, or null once it is gone. */
class Form {
  readonly pin = new Pin();
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines = new Lines();
  readonly #signal: AbortSignal;
  readonly #abort = () => this.#end(ABORTED);
  readonly #timer: NodeJS.Timeout;
  readonly #answers: string[] = [];
  #waiting: ((answer: string | null) => void) | null = null;
  #over: { readonly last: string | null } | null = null;

  constructor({ program, waitMs, signal, ...surroundings }: PinentryOptions) {
    const display = surroundings.display === undefined ? [] : ['--display', surroundings.display];
    this.#child = spawn('/usr/bin/env', [...environment(surroundings), program, ...display], { stdio: 'pipe' });
    this.#child.stdout.on('data', (chunk: Buffer) => {
      if (!this.#lines.push(chunk, (line) => this.#heard(line))) this.#end(OVERLONG);
    });
    this.#child.stderr.resume();
    this.#child.stdin.on('error', () => this.#end(null));
    this.#child.on('error', () => this.#end(null));
    this.#child.on('close', () => this.#end(null));
    this.#timer = setTimeout(() => this.#end('ERR 62'), waitMs + KILL_AFTER_MS);
    this.#signal = signal;
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  answer(): Promise<string | null> {
    const waiting = this.#answers.shift();
    if (waiting !== undefined) return Promise.resolve(waiting);
    if (this.#over !== null) return Promise.resolve(this.#over.last);
    return new Promise((resolve) => { this.#waiting = resolve; });
  }

  say(name: string, text = ''): Promise<string | null> {
    if (this.#over === null) this.#child.stdin.write(command(name, text));
    return this.answer();
  }

  close(): void {
    this.#end(null);
    this.pin.wipe();
    this.#lines.wipe();
  }

  #heard(line: Uint8Array): void {
    if (line[0] === D && line[1] === SPACE) return this.pin.add(line.subarray(2));
    const text = Buffer.from(line.buffer, line.byteOffset, Math.min(line.length, 64)).toString('latin1');
    if (text === 'OK' || text.startsWith('OK ')) this.#give('OK');
    else if (text.startsWith('ERR ')) this.#give(text);
  }

  #give(answer: string): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting !== null) waiting(answer);
    else if (this.#answers.length < 2) this.#answers.push(answer);
  }

  #end(last: string | null): void {
    if (this.#over !== null) return;
    this.#over = { last };
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this.#abort);
    this.#child.kill();
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.(last);
  }
}
