/** Says in this project's words what the argument parser found wrong. */
import { UserError } from '../errors.js';
import { nearest } from '../nearest.js';
import { listed } from './values.js';

/** What the parser knew about a command line when it refused it. */
export interface Refusal {
  readonly command: string;
  /** The parser's own message. */
  readonly message: string;
  readonly argv: readonly string[];
  /** Option names as spelled, without hyphens in front. */
  readonly options: readonly string[];
  readonly positionals: readonly string[];
}

/** One rule per kind of refusal; the first whose expression matches the parser's message speaks. */
const rules: readonly (readonly [RegExp, (detail: string, refusal: Refusal) => string])[] = [
  [/^Unknown arguments?: (.*)$/, unknownArgument],
  [
    /^Missing required arguments?: (.*)$/,
    (detail, { command }) => `expected ${dashed(detail)}, got nothing; see scalpel ${command} --help`,
  ],
  [/^Not enough non-option arguments/, missingPositional],
  [
    /^Not enough arguments following: (.*)$/,
    (detail) => `expected a value after ${dashed(detail)}, got nothing; give one`,
  ],
];

/** The error for a command line that the parser refused. */
export function usageError(refusal: Refusal): UserError {
  const stranger = unknownOption(refusal);
  if (stranger !== undefined) return new UserError(refusal.command, noSuchOption(stranger, refusal));
  for (const [expression, explain] of rules) {
    const match = expression.exec(refusal.message);
    if (match) return new UserError(refusal.command, explain(match[1] ?? '', refusal));
  }
  return new UserError(refusal.command, `${refusal.message}; see scalpel ${refusal.command} --help`);
}

/** The error for a first word that is no command. */
export function unknownCommand(given: string, commands: readonly string[]): UserError {
  const meant = nearest(given, commands);
  const help = meant ? `did you mean ${meant}?` : 'see scalpel --help';
  return new UserError('scalpel', `expected a command (${listed(commands, 'or')}), got '${given}'; ${help}`);
}

/** A word that is spelled like an option and is none; whatever else is wrong, this comes first. */
const unknownOption = ({ argv, options }: Refusal): string | undefined =>
  argv
    .filter((word) => /^--./.test(word))
    .map((word) => word.slice(2).split('=')[0] as string)
    .find((name) => !options.includes(name));

function noSuchOption(name: string, { options }: Refusal): string {
  const meant = nearest(name, options);
  return `--${name} is no option of this command; ${meant ? `did you mean --${meant}?` : 'see --help'}`;
}

function unknownArgument(detail: string, refusal: Refusal): string {
  const given = detail.split(', ')[0] as string;
  if (refusal.argv.includes(`-${given}`)) return `-${given} is no option of this command; see --help`;
  const { positionals } = refusal;
  if (positionals.length === 0) return `expected options alone, got '${given}'; options are spelled with --`;
  return `expected ${listed(positionals.map(upper), 'and')}, got '${given}' too; options are spelled with --`;
}

function missingPositional(_: string, { positionals, argv, command }: Refusal): string {
  const given = argv.some((word) => word.startsWith('-'));
  const help = given ? 'put it first, before options that take several words' : `see scalpel ${command} --help`;
  const got = positionals.length > 1 ? 'fewer' : 'nothing';
  return `expected ${listed(positionals.map(upper), 'and')}, got ${got}; ${help}`;
}

const dashed = (names: string): string =>
  listed(
    names.split(', ').map((name) => `--${name}`),
    'and',
  );

const upper = (name: string): string => name.toUpperCase();
