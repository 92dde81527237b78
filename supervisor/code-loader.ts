// Loads what a host of these actors would load, and ends: at its end Node keeps the compiled code. `code-loader.ts ACTOR[,ACTOR…]`.
import type { ActorName } from '../contracts/actors.ts';
import { START } from './topology.ts';

await import('../config/logging.ts');
await import('../runtime/actor.ts');
await import('../insight/messages.ts');
for (const name of (process.argv[2] ?? '').split(',') as ActorName[]) await START[name]();
process.exit();
