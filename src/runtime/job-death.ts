/** What is said of a job process that ended without a last word. */
import { type ExitCode, exitCodes, UserError } from '../errors.js';

export interface Death {
  /** What errors call the job. */
  readonly name: string;
  /** `in stage 'prune' (2 of 6)`. */
  readonly stage: string;
  /** What the runtime was doing, as the flight recorder has it. */
  readonly inRuntime: string | undefined;
  /** The run directory that the same command would go on in. */
  readonly run: string | undefined;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Ended by somebody or something else. */
export function died({ name, stage, inRuntime, run, code, signal }: Death): UserError {
  const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
  const during = inRuntime === undefined ? '' : `, while ONNX Runtime ${inRuntime}`;
  const { advice, exitCode } = meaningOf(signal, inRuntime !== undefined);
  return new UserError(name, `its process ${how} ${stage}${during}${advice}${keptIn(run)}`, { exitCode });
}

/** Ended by its parent, after a second Ctrl-C or in want of an answer. */
export const killed = (run: string | undefined): UserError =>
  new UserError('interrupted', `the job did not stop in time and was killed${keptIn(run)}`, {
    exitCode: exitCodes.interrupted,
  });

function meaningOf(signal: NodeJS.Signals | null, inRuntime: boolean): { advice: string; exitCode: ExitCode } {
  if (signal === 'SIGKILL') {
    const advice = '; the system may have run out of memory: try smaller batches';
    return { advice, exitCode: exitCodes.failure };
  }
  if (signal === 'SIGBUS') {
    const advice = '; was a file that it reads, such as the model, cut short meanwhile, or is a disk failing?';
    return { advice, exitCode: exitCodes.usage };
  }
  if (inRuntime && signal !== null && crashes.has(signal)) {
    const advice = '; the runtime breaks down on this graph: SCALPEL_DEBUG=1 keeps it in a file, to report it';
    return { advice, exitCode: exitCodes.unsupported };
  }
  return { advice: '', exitCode: exitCodes.failure };
}

const crashes: ReadonlySet<NodeJS.Signals> = new Set<NodeJS.Signals>(['SIGSEGV', 'SIGABRT', 'SIGILL', 'SIGFPE']);

const keptIn = (run: string | undefined): string =>
  run === undefined ? '' : `; what is finished is kept in ${run}: the same command again goes on from there`;
