// A bare process: loads the packages that it is told, writes its ready file, and waits. `bare.ts FILE PACKAGE…`
import { writeFileSync } from 'node:fs';

const [, , file, ...packages] = process.argv;
for (const name of packages) await import(name);
writeFileSync(file!, String(process.pid));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));
setInterval(() => {}, 60_000);
