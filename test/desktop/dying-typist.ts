// A process of its own that writes and dies at it: `dying-typist.ts ADDRESS TARGET TRACE_FILE CHANGE`. It appends each
// change to the trace file and kills itself right after change number CHANGE, counted from 0, was traced.
import { appendFileSync } from 'node:fs';
import { Secret } from '../../contracts/secret.ts';
import type { DesktopAddress } from '../../platform/index.ts';
import { platform } from '../../platform/linux/platform.ts';
import type { Target } from '../../platform/port.ts';

const [address = '', target = '', traceFile = '', change = ''] = process.argv.slice(2);
let changes = 0;
const act = await platform.act(JSON.parse(address) as DesktopAddress, (made, undone) => {
  appendFileSync(traceFile, `${JSON.stringify({ change: made, undone })}\n`);
  if (changes++ === Number(change)) setImmediate(() => process.kill(process.pid, 'SIGKILL'));
});
const aim = JSON.parse(target) as Target;
await act.write(aim, aim.user.ref, new Secret(new TextEncoder().encode('öperatör.漢'.repeat(4))), new AbortController().signal);
process.exit(1);
