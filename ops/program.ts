// The command line as a whole: commands from their table, the same manners for each, and the exit code.
import { Command as Program, CommanderError, Option } from 'commander';
import { COMMANDS, INVOKED, type Command, type Given } from './commands.ts';
import { Exit } from './exit.ts';
import type { Terminal } from './terminal.ts';

const GROUPS: Readonly<Record<string, string>> = { audit: 'The audit log.', config: 'The configuration.' };

/** Runs the command that the words name and resolves with its exit code; help and mistakes of usage, too. */
export async function main(words: readonly string[], terminal: Terminal): Promise<number> {
  let code: number = Exit.ok;
  const program = rooted(terminal);
  for (const command of COMMANDS) add(program, command, async (given) => {
    code = await command.run(given, terminal);
  }, terminal);
  try {
    if (words.length === 0) program.help();
    await program.parseAsync(words, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? Exit.ok : Exit.usage;
    terminal.progress(null);
    terminal.note(`${terminal.paintNote('red', 'error:')} ${error instanceof Error ? error.message : 'it did not work'}`);
    terminal.note('`npm run status` tells what runs, `npm run tapline -- config check` whether the files are in order.');
    return Exit.failed;
  }
}

function rooted(terminal: Terminal): Program {
  const program = new Program('tapline')
    .usage('<command> [options]')
    .description('A tap of a wearable fills the login form in front: right person, right fields, and an audit record.')
    .helpCommand('help [command]', 'what a command does, with examples')
    .addHelpText('after', `\nNew here?  npm run demo\nTo play:   npm run lab, and in another terminal: ${INVOKED} tap --band NB-01`);
  return spoken(program, terminal);
}

function add(program: Program, described: Command, run: (given: Given) => Promise<void>, terminal: Terminal): void {
  const { name, summary, more, operands = [], options, examples } = described;
  const words = name.split(' ');
  const parent = words.length === 1 ? program : groupOf(program, words[0]!, terminal);
  const command = spoken(parent.command(words.at(-1)!), terminal).summary(summary).description(more === undefined ? summary : `${summary}\n${more}`);
  for (const operand of operands) command.argument(operand.name, operand.doc);
  for (const { flags, doc, choices, fallback, required } of options) {
    const option = new Option(flags, doc).makeOptionMandatory(required ?? false);
    if (choices !== undefined) option.choices(choices);
    command.addOption(fallback === undefined ? option : option.default(fallback));
  }
  command.option('--json', 'machine-readable: one line of JSON on stdout', false);
  command.addHelpText('after', shownExamples(examples));
  command.action(() => run({ ...named(command), ...command.opts<Given>() }));
}

/** Values of the operands, by the names that they were declared with. */
function named({ registeredArguments, processedArgs }: Program): Readonly<Record<string, string | readonly string[]>> {
  return Object.fromEntries(registeredArguments.map((argument, index) => [argument.name(), processedArgs[index] as string | readonly string[]]));
}

function groupOf(program: Program, name: string, terminal: Terminal): Program {
  const known = program.commands.find((command) => command.name() === name);
  return known ?? spoken(program.command(name), terminal).description(GROUPS[name] ?? '').addHelpText('after', () => examplesOf(name));
}

function examplesOf(group: string): string {
  return shownExamples(COMMANDS.filter(({ name }) => name.startsWith(`${group} `)).flatMap(({ examples }) => examples));
}

function shownExamples(examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((example) => `  ${INVOKED} ${example}`).join('\n')}`;
}

/** The same manners for every command: nothing ends the process but the end, and errors say where help is. */
function spoken(command: Program, { paint, paintNote }: Terminal): Program {
  return command
    .exitOverride()
    .allowExcessArguments(false)
    .showSuggestionAfterError()
    .showHelpAfterError(`See ${INVOKED} ${[...namesAbove(command), '--help'].join(' ')}`)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, paintNote('red', 'error:'))) })
    .configureHelp({
      subcommandTerm: (shown) => [shown.name(), ...shown.commands.map((below) => below.name())].join(' '),
      subcommandDescription: (shown) => shown.commands[0]?.summary() ?? shown.summary() ?? shown.description(),
      styleTitle: (text) => paint('bold', text),
      styleCommandText: (text) => paint('cyan', text),
      styleOptionText: (text) => paint('cyan', text),
    });
}

function namesAbove(command: Program): string[] {
  return command.parent === null ? [] : [...namesAbove(command.parent), command.name()];
}
