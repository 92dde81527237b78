// A gateway in a process of its own: `bus-peer.ts ROOT [deaf]`. Tells its parent each message that it handled; a deaf one
// never answers.
import { openMailbox, REPLY } from './bus-stage.ts';

const [, , root, how] = process.argv;
await openMailbox({
  name: 'nes-gateway',
  root: root!,
  handler: ({ envelope }) => {
    process.send?.(envelope.id);
    return how === 'deaf' ? new Promise(() => {}) : REPLY;
  },
});
process.send?.('ready');
process.once('disconnect', () => process.exit());
