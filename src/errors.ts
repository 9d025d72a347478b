/** The one error a caller can repair, and the exit codes every command uses. */

/** Exit codes of the command line. */
export const exitCodes = {
  done: 0,
  failure: 1,
  usage: 2,
  unsupported: 3,
  gate: 4,
  notFound: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export interface UserErrorOptions {
  /** Default `exitCodes.usage`: bad usage, configuration or data. */
  readonly exitCode?: ExitCode;
  readonly cause?: unknown;
}

/**
 * An error that the caller can repair. Its message has one shape, `where: expected X, got Y; do Z`, or
 * `where: what is wrong; do Z` when nothing was expected. The command line prints the message without a stack.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly exitCode: ExitCode;

  /** @param where the file, node, tensor or option the error is about; @param what the rest of the message. */
  constructor(where: string, what: string, options: UserErrorOptions = {}) {
    super(printable(`${where}: ${what}`), options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = options.exitCode ?? exitCodes.usage;
  }
}

/** Whether somebody asked for the end: then nothing is wrong with what was worked on, and nothing else is to be tried. */
export const isInterruption = (error: unknown): boolean =>
  error instanceof UserError && error.exitCode === exitCodes.interrupted;

const longestMessage = 2000;

/**
 * What a message quotes comes from files that nobody vouches for: characters that would move a terminal's cursor, recolour or
 * reorder it are spelled out, and a name of a million letters keeps its beginning.
 */
export function printable(text: string): string {
  const spelled = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, spell);
  if (spelled.length <= longestMessage) return spelled;
  // the advice stands at the end
  return `${spelled.slice(0, longestMessage - 300)} … ${spelled.slice(-200)}`;
}

const spell = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A model or op that scalpel cannot work on (exit code 3). */
export const unsupported = (where: string, what: string, cause?: unknown): UserError =>
  new UserError(where, what, { exitCode: exitCodes.unsupported, cause });
