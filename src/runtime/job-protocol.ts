/** What passes between a command and its job process: one input, events, and one result or error. Never tensors. */
import { type ExitCode, UserError } from '../errors.js';
import { systemError } from '../files/system-error.js';

export type JobEvent =
  | {
      readonly type: 'progress';
      readonly stage: string;
      readonly done: number;
      readonly total: number;
      readonly unit?: string;
    }
  | { readonly type: 'log'; readonly level: 'info' | 'warn'; readonly text: string }
  /** From here on the same command goes on from what is kept in the folder. */
  | { readonly type: 'resumable'; readonly run: string };

export interface JobContext {
  emit(event: JobEvent): void;
  /** Aborted when the job should stop after the current run; `signal.throwIfAborted()` between runs does the right thing. */
  readonly signal: AbortSignal;
  /** Runs a job module in a process of its own, which stops with this one. Its events go to `event`; default: `emit`. */
  job<T>(module: URL, input: unknown, event?: (event: JobEvent) => void): Promise<T>;
}

/** What a job module exports. */
export interface JobModule {
  run(input: unknown, context: JobContext): Promise<unknown>;
}

export type ToChild =
  | {
      readonly type: 'start';
      readonly module: string;
      readonly input: unknown;
      readonly isRecorded: boolean;
      readonly keepCallsIn?: string;
    }
  | { readonly type: 'stop' };

export type FromChild =
  | { readonly type: 'event'; readonly event: JobEvent }
  | { readonly type: 'result'; readonly value: unknown }
  | { readonly type: 'error'; readonly error: ErrorRecord };

interface ErrorRecord {
  readonly message: string;
  readonly stack?: string;
  /** Present for a UserError. */
  readonly exitCode?: ExitCode;
}

export function recordOf(cause: unknown): ErrorRecord {
  // a file that is gone or a full disk is the user's to repair
  const error = systemError(cause);
  if (error instanceof UserError) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof Error) return { message: error.message, ...(error.stack ? { stack: error.stack } : {}) };
  return { message: String(error) };
}

/** The error a record was made of: a UserError again, or an Error with the stack it had. */
export function errorOf({ message, stack, exitCode }: ErrorRecord): Error {
  if (exitCode === undefined) return Object.assign(new Error(message), stack === undefined ? {} : { stack });
  const [where = '', ...rest] = message.split(': ');
  return new UserError(where, rest.join(': '), { exitCode });
}
