// The command line of Tapline: what an operator or a newcomer types.
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Before anything else is loaded. In the product's own folder, which nobody else may write to; without effect if we may not.
enableCompileCache(join(import.meta.dirname, '../.tapline/cache/cli'));
const { main } = await import('./program.ts');
const { systemTerminal } = await import('./terminal.ts');
process.exitCode = await main(process.argv.slice(2), systemTerminal());
// Whatever a library still holds open is of no use to anyone now.
process.exit();
