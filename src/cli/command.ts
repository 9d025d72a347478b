/** What a command is, and what it may use while it runs. */

import type { ExitCode } from '../errors.js';
import type { JobHooks } from '../runtime/job.js';
import type { Option, ValuesOf } from './values.js';

/** A table of options by their camelCase name; on the command line they are spelled with hyphens. */
export type OptionTable = Readonly<Record<string, Option<unknown>>>;

export interface Command<
  Positional extends string = string,
  Table extends OptionTable = OptionTable,
  Rest extends string = string,
> {
  readonly positionals: Readonly<Record<Positional, string>>;
  /** After these: one that takes all other words, of which there is at least one. */
  readonly rest?: Readonly<Record<Rest, string>>;
  readonly options: Table;
  /** Command lines (without `scalpel`) with what each does. */
  readonly examples: readonly (readonly [string, string])[];
  run(
    args: ValuesOf<Table> & Readonly<Record<Positional, string>> & Readonly<Record<Rest, readonly string[]>>,
    context: Context,
  ): Promise<ExitCode>;
}

/** Types `run` by the table beside it. */
export const command = <Positional extends string, Table extends OptionTable, Rest extends string = never>(
  definition: Command<Positional, Table, Rest>,
): Command => definition as unknown as Command;

/** Names of what is given by its place alone, in order. */
export const placesOf = ({ positionals, rest = {} }: Command): string[] => [
  ...Object.keys(positionals),
  ...Object.keys(rest),
];

/** `seqLen` is `--seq-len`. */
export const spelled = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

export interface Context {
  /** As typed, `scalpel` first. */
  readonly commandLine: readonly string[];
  /** Human text, on stderr. */
  say(text: string): void;
  /** The one document of `--json`, on stdout. */
  print(document: unknown): void;
  /** Runs a job module in a process of its own, with its progress on stderr. */
  job<T>(module: URL, request: unknown): Promise<T>;
}

/** How jobs are started; tests run them in their own process. */
export type JobRunner = <T>(module: URL, request: unknown, on: JobHooks) => Promise<T>;
