// A process of its own that types for as long as it lives: `typist.ts ENDPOINT TRACE_FILE`. It fills the login form in
// front of a virtual desktop and appends each change to the trace file before it makes it.
import { appendFileSync } from 'node:fs';
import { Secret } from '../../contracts/secret.ts';
import { isTrouble } from '../../platform/port.ts';
import { platform } from '../../platform/virtual/platform.ts';

const [endpoint, traceFile = ''] = process.argv.slice(2);
const address = { kind: 'virtual', endpoint } as const;
const look = await platform.look(address);
const act = await platform.act(address, (change, undone) => appendFileSync(traceFile, `${JSON.stringify({ change, undone })}\n`));

const context = await look.context();
const [user, password] = isTrouble(context) ? [] : context.fields;
if (isTrouble(context) || user === undefined || password === undefined) throw new Error('no login form is in front');
const target = {
  window: { id: context.window.id, pid: context.window.pid },
  url: context.url,
  user: { ref: user.ref, role: user.role },
  password: { ref: password.ref },
};
await act.write(target, user.ref, new Secret(new TextEncoder().encode('öperatör.ëins')), new AbortController().signal);
