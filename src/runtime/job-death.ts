/** What is said of a job process that ended without a last word. */
import { type ExitCode, exitCodes, UserError } from '../errors.js';
import type { Death } from './job-process.js';

/** Whether ONNX Runtime broke down: on a graph, and not for want of memory or of a file. */
export const isCrash = ({ signal, inRuntime }: Death): boolean =>
  inRuntime !== undefined && signal !== null && crashes.has(signal);

/** A process is gone, and with it what it was to tell. */
export class ProcessDied extends UserError {}

/** Ended by somebody or something else. @param name what errors call the job. */
export function died(name: string, death: Death): UserError {
  const { stage, inRuntime, culprit, run, code, signal } = death;
  // a terminal's Ctrl-C reaches the job too, and may do so before it listens and before its parent has heard of it
  if (signal !== null && interrupts.has(signal)) return interrupted(`the job was ended by ${signal}`, run);
  const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
  const during = inRuntime === undefined ? '' : `, while ONNX Runtime ${inRuntime}`;
  const at = culprit === undefined ? '' : ` and came to ${culprit}`;
  const { advice, exitCode } = meaningOf(death, culprit !== undefined);
  return new ProcessDied(name, `its process ${how} ${stage}${during}${at}${advice}${keptIn(run)}`, { exitCode });
}

/** Ended by its parent, after a second Ctrl-C or in want of an answer. */
export const killed = (run: string | undefined): UserError =>
  interrupted('the job did not stop in time and was killed', run);

const interrupted = (how: string, run: string | undefined): UserError =>
  new UserError('interrupted', `${how}${keptIn(run)}`, { exitCode: exitCodes.interrupted });

function meaningOf(death: Death, isFound: boolean): { advice: string; exitCode: ExitCode } {
  const { signal } = death;
  if (signal === 'SIGKILL') {
    const advice = '; the system may have run out of memory: try smaller batches';
    return { advice, exitCode: exitCodes.failure };
  }
  if (signal === 'SIGBUS') {
    const advice = '; was a file that it reads, such as the model, cut short meanwhile, or is a disk failing?';
    return { advice, exitCode: exitCodes.usage };
  }
  if (isCrash(death)) {
    const what = isFound ? 'op: export the model without it;' : 'graph:';
    const advice = `; the runtime breaks down on this ${what} SCALPEL_DEBUG=1 keeps the graph in a file, to report it`;
    return { advice, exitCode: exitCodes.unsupported };
  }
  return { advice: '', exitCode: exitCodes.failure };
}

const interrupts: ReadonlySet<NodeJS.Signals> = new Set<NodeJS.Signals>(['SIGINT', 'SIGTERM', 'SIGHUP']);

const crashes: ReadonlySet<NodeJS.Signals> = new Set<NodeJS.Signals>(['SIGSEGV', 'SIGABRT', 'SIGILL', 'SIGFPE']);

const keptIn = (run: string | undefined): string =>
  run === undefined ? '' : `; what is finished is kept in ${run}: the same command again goes on from there`;
