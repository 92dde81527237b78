// The lab's NES as a process: `node ops/lab/nes/main.ts DIR [PORT]`. Stops on SIGINT, SIGTERM or pm2's message.
import { INSECURE } from './model.ts';
import { startNes } from './server.ts';

const [dir, port = '0'] = process.argv.slice(2);
if (dir === undefined || !/^\d{1,5}$/.test(port)) {
  process.stderr.write('usage: main.ts DIR [PORT]\n');
  process.exit(2);
}

const nes = await startNes({ dir, port: Number(port) });
process.stdout.write(`${INSECURE}\n${JSON.stringify({ url: nes.url, caFile: nes.caFile, credentialsFile: nes.credentialsFile })}\n`);
process.send?.('ready');

const stop = async (): Promise<void> => {
  await nes.close();
  process.exit(0);
};
process.once('SIGINT', () => void stop());
process.once('SIGTERM', () => void stop());
process.on('message', (message) => {
  if (message === 'shutdown') void stop();
});
