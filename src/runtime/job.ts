/** Runs a command's work in one child process, so that the parent stays responsive and an abort of the runtime is survived. */
import { basename } from 'node:path';
import { died, isCrash, killed } from './job-death.js';
import { type Ending, type ProcessHooks, runProcess } from './job-process.js';
import type { JobEvent } from './job-protocol.js';

export type { JobContext, JobEvent, JobModule } from './job-protocol.js';

export interface JobHooks {
  /** What errors call the job, such as `prune model.onnx`; default: the module's file name. */
  readonly name?: string;
  event?(event: JobEvent): void;
  /** Asks the job to stop, like the first Ctrl-C. */
  readonly signal?: AbortSignal;
  /** Whether SIGINT, SIGTERM and SIGHUP to this process stop the job; not for a job within a job, where `signal` tells. Default true. */
  readonly heedsSignals?: boolean;
  /**
   * Whether the job may be started again, and killed, without harm. Then a crash of the runtime is looked into for up to ten
   * seconds, and the error names the op. Default false.
   */
  readonly isRepeatable?: boolean;
}

/**
 * Calls `run(input, context)` of the ES module at `module` in a child process and returns what it returns. Input, events and
 * result are structured-cloned.
 *
 * SIGINT, SIGTERM, SIGHUP and `signal` ask the job to stop after its current run; a second signal, or 10 s, kill it.
 * @throws UserError as thrown by the job (exit code kept), with exit code 130 when it was interrupted, or when the process
 * died; any other error of the job with its own stack.
 */
export async function runJob<T>(module: URL, input: unknown, on: JobHooks = {}): Promise<T> {
  const hooks: ProcessHooks = { ...on, heedsSignals: on.heedsSignals !== false };
  const start = { module, input };
  const ending = await runProcess(start, hooks);
  const name = on.name ?? basename(module.pathname);
  if (ending.kind !== 'died' || !on.isRepeatable || !isCrash(ending)) return resultOf<T>(ending, name);

  const tell = (text: string): void => on.event?.({ type: 'log', level: 'warn', text });
  tell('ONNX Runtime broke down; looking for the op, for ten seconds at most');
  const { again, culprit } = await (await import('./crash-search.js')).searchCrash(start, hooks);
  if (again?.kind === 'result') {
    tell('ONNX Runtime did not break down when the job was run again');
    return again.value as T;
  }
  return resultOf<T>({ ...ending, culprit }, name);
}

function resultOf<T>(ending: Ending, name: string): T {
  switch (ending.kind) {
    case 'result':
      return ending.value as T;
    case 'error':
      throw ending.error;
    case 'killed':
      throw killed(ending.run);
    case 'died':
      throw died(name, ending);
  }
}
