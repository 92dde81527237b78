// The link on real sockets, with a server that behaves as badly as a test wants and a codec that shares nothing with Nymi's.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { Codec } from '../../contracts/external/codec.ts';
import { backoffMs } from '../../runtime/backoff.ts';
import { Link } from '../../runtime/link.ts';
import type { LinkLimits, LinkState } from '../../runtime/link.ts';
import { systemTimer } from '../../runtime/timer.ts';

type Asks = { readonly echo: { readonly request: string; readonly reply: string } };

/** Phoenix-like frames `[ref, event, payload]`: a join before the link is up, a heartbeat, and answers without a name. */
const framed: Codec<Asks, string> = {
  encode: (exchange, operation, payload) => JSON.stringify([exchange, operation, payload]),
  decode(frame, asked) {
    const [ref, event, payload] = JSON.parse(String(frame)) as [string, string, string];
    if (event !== 'phx_reply') return { kind: 'notice', notice: payload };
    if (asked(ref) === undefined) return { kind: 'garbage', garbage: 'unsolicited', path: 'ref' };
    return { kind: 'reply', exchange: ref, status: 0, payload };
  },
  opening: (exchange) => JSON.stringify([exchange, 'phx_join', '']),
  heartbeat: (exchange) => JSON.stringify([exchange, 'heartbeat', '']),
};
const bare: Codec<Asks, string> = { ...framed, opening: () => null, heartbeat: () => null };

const echo = (socket: WebSocket): void => void socket.on('message', (data) => {
  const [ref, , payload] = JSON.parse(String(data)) as [string, string, string];
  socket.send(JSON.stringify([ref, 'phx_reply', payload]));
});

test('a link is up when the opening of its codec was answered, and requests find their answers', async (t) => {
  const seen: string[] = [];
  const { link, until } = await joined(t, framed, (socket) => {
    socket.on('message', (data) => seen.push((JSON.parse(String(data)) as string[])[1]!));
    echo(socket);
  });
  await until('up');
  t.deepEqual(seen, ['phx_join']);
  const answers = await Promise.all(['a', 'b', 'c'].map((text) => link.request('echo', text, { timeoutMs: 1000 })));
  t.deepEqual(answers, ['a', 'b', 'c'].map((payload) => ({ kind: 'answered', payload })));
});

test('a server that does not answer the opening is left as silent', async (t) => {
  const { link, until } = await joined(t, framed, () => {}, { connectMs: 50 });
  t.like(await until('down'), { cause: 'silent' });
  t.is(link.counts.connections, 0);
});

test('a connection without a sign of life is left as silent', async (t) => {
  const { until } = await joined(t, framed, (socket) => socket.once('message', (data) => {
    socket.send(JSON.stringify([(JSON.parse(String(data)) as string[])[0], 'phx_reply', '']));
  }), { beatMs: 40 });
  await until('up');
  t.like(await until('down'), { cause: 'silent' });
});

test('heartbeats that are answered keep a quiet connection', async (t) => {
  for (const codec of [framed, bare]) {
    let lives = 0;
    const enough = Promise.withResolvers<void>();
    const alive = (): void => void ((lives += 1) > 3 && enough.resolve());
    const { link, until } = await joined(t, codec, (socket) => (echo(socket), socket.on('ping', alive), socket.on('message', alive)), { beatMs: 20 });
    await until('up');
    await enough.promise;
    t.true(link.up);
  }
});

test('a request has its time, may be aborted, and never waits for a dead connection', async (t) => {
  const { link, until, server } = await joined(t, bare, () => {});
  t.deepEqual(await link.request('echo', 'early', { timeoutMs: 1000 }), { kind: 'lost', lost: 'down' });
  await until('up');
  t.deepEqual(await link.request('echo', 'late', { timeoutMs: 20 }), { kind: 'lost', lost: 'timeout' });
  const aborting = new AbortController();
  const aborted = link.request('echo', 'x', { timeoutMs: 10_000, signal: aborting.signal });
  aborting.abort();
  t.deepEqual(await aborted, { kind: 'lost', lost: 'aborted' });
  const cut = link.request('echo', 'y', { timeoutMs: 10_000 });
  for (const socket of server.clients) socket.terminate();
  t.deepEqual(await cut, { kind: 'lost', lost: 'down' });
});

test('an answer after its timeout is dropped and counted', async (t) => {
  const asked = Promise.withResolvers<() => void>();
  const { link, until } = await joined(t, bare, (socket) => socket.on('message', (data) => {
    const [ref] = JSON.parse(String(data)) as [string];
    asked.resolve(() => (socket.send(JSON.stringify([ref, 'phx_reply', 'late'])), socket.send(JSON.stringify(['', 'x', 'after']))));
  }));
  await until('up');
  t.like(await link.request('echo', 'x', { timeoutMs: 20 }), { lost: 'timeout' });
  (await asked.promise)();
  await until('after');
  t.deepEqual(link.counts.dropped, { unsolicited: 1 });
});

test('requests in flight are bounded', async (t) => {
  const { link, until } = await joined(t, bare, () => {}, { inFlightMax: 2 });
  await until('up');
  const pending = [1, 2].map(() => link.request('echo', 'x', { timeoutMs: 10_000 }));
  t.deepEqual(await link.request('echo', 'x', { timeoutMs: 10_000 }), { kind: 'lost', lost: 'full' });
  await link.close();
  t.deepEqual(await Promise.all(pending), [1, 2].map(() => ({ kind: 'lost', lost: 'aborted' })));
});

test('a frame above the bound ends the connection, and the link comes back', async (t) => {
  let first = true;
  const { link, until } = await joined(t, bare, (socket) => {
    if (first) socket.send(JSON.stringify(['', 'x', 'x'.repeat(2_000)]));
    first = false;
  }, { frameBytesMax: 1_000 });
  await until('up');
  t.like(await until('down'), { cause: 'protocol' });
  await until('up');
  t.is(link.counts.notices, 0);
});

test('binary frames are garbage', async (t) => {
  const { link, until } = await joined(t, bare, (socket) => (socket.send(Buffer.from('["","x","no"]')), socket.send('["","x","yes"]')));
  t.is(await until('yes'), 'yes');
  t.deepEqual(link.counts.dropped, { 'not-json': 1 });
});

test('nobody at the address is refused, again and again with growing pauses, until somebody is there', async (t) => {
  const { server, link, until, states, url } = await joined(t, bare, echo);
  await until('up');
  const { port } = new URL(url);
  for (const socket of server.clients) socket.terminate();
  await new Promise((resolve) => server.close(resolve));
  t.like(await until('down'), { cause: 'closed' });
  t.like(await until('down'), { cause: 'refused' });
  t.like(await until('down'), { cause: 'refused' });
  const again = new WebSocketServer({ host: '127.0.0.1', port: Number(port) });
  t.teardown(() => again.close());
  await until('up');
  const pauses = states.flatMap((state) => (state.state === 'down' ? [state.retryInMs] : []));
  t.deepEqual(pauses.slice(0, 3), [8, 15, 30]);
  await link.close();
});

test('a closed link says nothing more and may be closed again', async (t) => {
  const { link, until, states } = await joined(t, bare, echo);
  await until('up');
  const told = states.length;
  await link.close();
  await link.close();
  link.connect();
  t.is(states.length, told);
});

test('the pause doubles up to its bound, and half of it is chance', (t) => {
  const bounds = { minMs: 100, maxMs: 1_000 };
  t.deepEqual([0, 1, 2, 3, 4, 5_000].map((attempt) => backoffMs(attempt, bounds, () => 0)), [50, 100, 200, 400, 500, 500]);
  t.is(backoffMs(4, bounds, () => 0.999), 1_000);
});

interface Joined {
  readonly server: WebSocketServer;
  readonly url: string;
  readonly link: Link<Asks, string>;
  readonly states: readonly LinkState[];
  /** The next state of that name or notice of that text which was not waited for yet. */
  until(what: string): Promise<LinkState | string>;
}

type Serve = (socket: WebSocket) => unknown;

async function joined(t: ExecutionContext, codec: Codec<Asks, string>, serve: Serve, limits: Partial<LinkLimits> = {}): Promise<Joined> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', serve);
  await once(server, 'listening');
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const states: LinkState[] = [];
  const news = queue<LinkState | string>();
  const link = new Link<Asks, string>({
    url, codec, clock: systemTimer, random: () => 0.5,
    limits: { backoffMinMs: 10, backoffMaxMs: 40, ...limits },
    onNotice: (notice) => news.push(notice),
    onState: (state) => (states.push(state), news.push(state)),
  });
  link.connect();
  t.teardown(async () => {
    await link.close();
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  const nameOf = (item: LinkState | string): string => (typeof item === 'string' ? item : item.state);
  return { server, url, link, states, until: (what) => news.next((item) => nameOf(item) === what) };
}

function queue<T>(): { push(item: T): void; next(matches: (item: T) => boolean): Promise<T> } {
  const items: T[] = [];
  let wake = (): void => {};
  return {
    push: (item) => (items.push(item), wake()),
    async next(matches) {
      for (;;) {
        for (let item = items.shift(); item !== undefined; item = items.shift()) if (matches(item)) return item;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
