// The socket of a program is found among those that it listens on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { lineOf } from '../../platform/linux/line.ts';

test('a process is called at the socket that it holds and has named so, and at no other one', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'tapline-line-'));
  const servers = ['other-socket', 'at-spi2-a b', 'at-spi2-socket-1'].map((name) => ({ path: join(dir, name), server: createServer() }));
  const stranger = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'inherit'] });
  t.teardown(async () => {
    for (const { server } of servers) server.close();
    stranger.kill();
    await rm(dir, { recursive: true });
  });
  for (const { path, server } of servers.slice(0, 2)) await once(server.listen(path), 'listening');
  t.is(await lineOf(process.pid), null);
  const { path, server } = servers[2]!;
  await once(server.listen(path), 'listening');
  t.is(await lineOf(process.pid), `unix:path=${path}`);
  t.is(await lineOf(stranger.pid ?? 0), null);
  server.close();
  await once(server, 'close');
  t.is(await lineOf(process.pid), null);
});
