/** Runs a command's work in one child process, so that the parent stays responsive and an abort of the runtime is survived. */
import { type ChildProcess, fork } from 'node:child_process';
import { basename } from 'node:path';
import { openRecorder, type Recorder } from './flight-recorder.js';
import { died, killed } from './job-death.js';
import { errorOf, type FromChild, type JobEvent, type ToChild } from './job-protocol.js';

export type { JobContext, JobEvent, JobModule } from './job-protocol.js';

export interface JobHooks {
  /** What errors call the job, such as `prune model.onnx`; default: the module's file name. */
  readonly name?: string;
  event?(event: JobEvent): void;
  /** Asks the job to stop, like the first Ctrl-C. */
  readonly signal?: AbortSignal;
  /** Whether SIGINT, SIGTERM and SIGHUP to this process stop the job; not for a job within a job, where `signal` tells. Default true. */
  readonly heedsSignals?: boolean;
}

/** How long a job may take to stop after the first Ctrl-C. */
const STOP_MILLISECONDS = 10_000;

/** How long its process may take to end after its last word. */
const END_MILLISECONDS = 2_000;

/**
 * Calls `run(input, context)` of the ES module at `module` in a child process and returns what it returns. Input, events and
 * result are structured-cloned.
 *
 * SIGINT, SIGTERM, SIGHUP and `signal` ask the job to stop after its current run; a second signal, or 10 s, kill it.
 * @throws UserError as thrown by the job (exit code kept), with exit code 130 when it was interrupted, or when the process
 * died; any other error of the job with its own stack.
 */
export async function runJob<T>(module: URL, input: unknown, on: JobHooks = {}): Promise<T> {
  const recorder = openRecorder();
  const child = fork(new URL('./job-child.js', import.meta.url), {
    serialization: 'advanced',
    // standard output belongs to the parent's one JSON document
    stdio: ['ignore', 2, 2, 'ipc', recorder?.descriptor ?? 'ignore'],
    execArgv: [],
    env: { ...allocatorSettings, ...process.env },
  });
  const stopper = stopperOf(child);
  const heeded = on.heedsSignals === false ? [] : (['SIGINT', 'SIGTERM', 'SIGHUP'] as const);
  for (const signal of heeded) process.on(signal, stopper.stop);
  on.signal?.addEventListener('abort', stopper.stop);
  try {
    const isRecorded = recorder !== undefined;
    child.send({ type: 'start', module: module.href, input, isRecorded } satisfies ToChild, ignoreClosed);
    if (on.signal?.aborted) stopper.stop();
    return (await outcome(child, on, stopper, basename(module.pathname), recorder)) as T;
  } finally {
    stopper.cancel();
    // still alive only where the input could not be sent
    child.kill('SIGKILL');
    recorder?.close();
    for (const signal of heeded) process.off(signal, stopper.stop);
    on.signal?.removeEventListener('abort', stopper.stop);
  }
}

// glibc gives buffers of a few megabytes back at every free, and mapping them anew costs more than filling them
const allocatorSettings = { MALLOC_MMAP_THRESHOLD_: '33554432', MALLOC_TRIM_THRESHOLD_: '268435456' };

interface Stopper {
  readonly stop: () => void;
  readonly isStopping: () => boolean;
  /** Kills the child unless it ends within the time. */
  readonly expectEnd: (milliseconds: number) => void;
  readonly cancel: () => void;
}

function stopperOf(child: ChildProcess): Stopper {
  let isStopping = false;
  let timer: NodeJS.Timeout | undefined;
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  const expectEnd = (milliseconds: number): void => {
    clearTimeout(timer);
    timer = setTimeout(kill, milliseconds);
  };
  const stop = (): void => {
    if (isStopping) {
      kill();
      return;
    }
    isStopping = true;
    if (child.connected) child.send({ type: 'stop' } satisfies ToChild, ignoreClosed);
    expectEnd(STOP_MILLISECONDS);
  };
  return { stop, isStopping: () => isStopping, expectEnd, cancel: () => clearTimeout(timer) };
}

function outcome(
  child: ChildProcess,
  on: JobHooks,
  stopper: Stopper,
  file: string,
  recorder: Recorder | undefined,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let last: FromChild | undefined;
    let stage = 'before its first stage';
    let run: string | undefined;
    child.on('message', (message: FromChild) => {
      if (message.type === 'event') {
        if (message.event.type === 'progress') stage = stageText(message.event);
        if (message.event.type === 'resumable') run = message.event.run;
        on.event?.(message.event);
        return;
      }
      last = message;
      stopper.expectEnd(END_MILLISECONDS);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (last?.type === 'result') resolve(last.value);
      else if (last?.type === 'error') reject(errorOf(last.error));
      else if (stopper.isStopping()) reject(killed(run));
      else reject(died({ name: on.name ?? file, stage, inRuntime: recorder?.read(), run, code, signal }));
    });
  });
}

const stageText = ({ stage, done, total }: JobEvent & { type: 'progress' }): string =>
  `in stage '${stage}' (${done} of ${total})`;

/** A child that is gone already is reported when it closes. */
const ignoreClosed = (): void => {};
