/** The only place that talks to yargs: reads a command line into values, or into the help text it asked for. */
import yargs, { type Argv } from 'yargs';
import { UserError } from '../errors.js';
import { version } from '../version.js';
import { type Command, placesOf, spelled } from './command.js';
import { usageError } from './usage.js';
import type { Option, Refuse } from './values.js';

/** Every command's name with what it does, and the one command that was asked for, if any. */
export interface Grammar {
  readonly summaries: Readonly<Record<string, string>>;
  readonly name: string;
  readonly command?: Command | undefined;
}

export type ParseResult =
  /** The text of `--help` or `--version`. */
  { readonly help: string } | { readonly values: Readonly<Record<string, unknown>> };

/** @throws UserError naming the option at fault and what was expected. */
export async function parse(argv: readonly string[], grammar: Grammar): Promise<ParseResult> {
  let help = '';
  let parsed: Record<string, unknown> = {};
  const refuse = (message: string): UserError => {
    const { name, command } = grammar;
    return usageError({ message, argv, command: command ? name : 'scalpel', ...namesOf(command) });
  };
  checkToggles(argv, grammar);
  try {
    await parserOf(grammar, refuse).parseAsync(withNegatives(argv), {}, (_error, values, output) => {
      parsed = values;
      help = output;
    });
  } catch (error) {
    // some refusals come as yargs' own errors
    throw error instanceof Error && error.name === 'YError' ? refuse(error.message) : error;
  }
  return help === '' ? { values: readValues(parsed, grammar) } : { help };
}

/** To yargs `-1,1` after `--bounds` is an option of its own: it is joined to the one that it belongs to. */
function withNegatives(argv: readonly string[]): string[] {
  const words: string[] = [];
  let option: string | undefined;
  for (const word of argv) {
    const isNegative = option !== undefined && /^-[\d.]/.test(word);
    if (isNegative && words.at(-1) === option) words.pop();
    if (word.startsWith('--')) option = word.includes('=') ? undefined : word;
    words.push(isNegative ? `${option}=${word}` : word);
  }
  return words;
}

/** yargs reads `--json=no` as a silent no. */
function checkToggles(argv: readonly string[], { name, command }: Grammar): void {
  for (const [key, { settings }] of Object.entries(command?.options ?? {})) {
    const start = `--${spelled(key)}=`;
    const given = settings.type === 'boolean' ? argv.find((word) => word.startsWith(start)) : undefined;
    if (given === undefined) continue;
    throw new UserError(name, `--${spelled(key)} expected no value, got '${given.slice(start.length)}'; leave it out`);
  }
}

function parserOf({ summaries, name, command }: Grammar, refuse: (message: string) => UserError): Argv {
  const parser = yargs()
    .scriptName('scalpel')
    .usage('$0 COMMAND [options]\n\nONNX in, ONNX out: surgery on exported models, run by ONNX Runtime.')
    .parserConfiguration({
      'boolean-negation': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .wrap(100)
    .version(version)
    .help()
    .alias('h', 'help')
    .strict()
    .exitProcess(false)
    .epilogue(exitCodeText)
    .fail((message, error) => {
      throw error ?? refuse(message);
    });
  for (const [each, summary] of Object.entries(summaries)) {
    if (each === name && command) declare(parser, each, summary, command);
    else parser.command(each, summary);
  }
  return parser;
}

function declare(parser: Argv, name: string, summary: string, command: Command): void {
  const [positionals, rest] = [Object.entries(command.positionals), Object.entries(command.rest ?? {})];
  const usage = [
    name,
    ...positionals.map(([positional]) => `<${positional}>`),
    ...rest.map(([positional]) => `<${positional}..>`),
  ].join(' ');
  parser.command(usage, summary, (y) => {
    for (const [positional, describe] of positionals) y.positional(positional, { describe, type: 'string' });
    // yargs gives these a default of no words, and prints it
    for (const [positional, describe] of rest)
      y.positional(positional, { describe, type: 'string', default: undefined });
    for (const [key, option] of Object.entries(command.options)) y.option(spelled(key), option.settings);
    return y.epilogue(examplesText(command));
  });
}

const exitCodeText = `Exit codes: 0 done, 1 failure of scalpel, 2 bad usage, configuration or data, 3 unsupported model or op,
4 quality gate failed, 5 nothing found, 130 interrupted.`;

/** Each example under a line that says what it does. */
const examplesText = ({ examples }: Command): string =>
  ['Examples:', ...examples.map(([line, what]) => `  # ${what}\n  scalpel ${line}`)].join('\n');

function readValues(parsed: Record<string, unknown>, { name, command }: Grammar): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const positional of command ? placesOf(command) : []) {
    if ([parsed[positional]].flat().includes(''))
      throw new UserError(name, `expected ${positional.toUpperCase()}, got an empty word; give its path`);
    values[positional] = parsed[positional];
  }
  for (const [key, option] of Object.entries(command?.options ?? {})) values[key] = read(name, key, option, parsed);
  return values;
}

function read(command: string, key: string, option: Option<unknown>, parsed: Record<string, unknown>): unknown {
  const refuse: Refuse = (problem) => {
    throw new UserError(command, `--${spelled(key)} ${problem}`);
  };
  const given = parsed[spelled(key)];
  // a toggle that was not given is absent or false
  return option.read(given === undefined || given === false ? undefined : [given].flat().map(String), refuse);
}

const namesOf = (command: Command | undefined) => ({
  options: [...Object.keys(command?.options ?? {}).map(spelled), 'help', 'version'],
  positionals: command ? placesOf(command) : [],
});
