/** One job in one child process, from its start to its end, whatever that end is. */
import { type ChildProcess, fork } from 'node:child_process';
import { openRecorder, type Recorder } from './flight-recorder.js';
import { errorOf, type FromChild, type JobEvent, type ToChild } from './job-protocol.js';

export interface JobStart {
  readonly module: URL;
  readonly input: unknown;
  /** A folder that gets what the runtime is given, before it is given it. */
  readonly keepCallsIn?: string;
}

export interface ProcessHooks {
  event?(event: JobEvent): void;
  /** Asks the job to stop, like the first Ctrl-C. */
  readonly signal?: AbortSignal;
  /** Whether SIGINT, SIGTERM and SIGHUP to this process stop the job. */
  readonly heedsSignals: boolean;
  /** How long the job may take to stop; default: ten seconds. With 0 it is killed at once. */
  readonly patience?: number;
}

export type Ending =
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: Error }
  /** By its parent, or while it was stopping. */
  | { readonly kind: 'killed'; readonly run: string | undefined }
  /** Of something else. */
  | ({ readonly kind: 'died' } & Death);

/** A process that ended without a last word. */
export interface Death {
  /** `in stage 'prune' (2 of 6)`. */
  readonly stage: string;
  /** What the runtime was doing, as the flight recorder has it. */
  readonly inRuntime: string | undefined;
  /** The run directory that the same command would go on in. */
  readonly run: string | undefined;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The node that the runtime broke down on, once it is found. */
  readonly culprit?: string | undefined;
}

/** How long a job may take to stop after the first Ctrl-C. */
const STOP_MILLISECONDS = 10_000;

/** How long its process may take to end after its last word. */
const END_MILLISECONDS = 2_000;

/** @throws Error where the process cannot be started, or the input cannot be sent. */
export async function runProcess({ module, input, keepCallsIn }: JobStart, on: ProcessHooks): Promise<Ending> {
  const recorder = openRecorder();
  const child = fork(new URL('./job-child.js', import.meta.url), {
    serialization: 'advanced',
    // standard output belongs to the parent's one JSON document
    stdio: ['ignore', 2, 2, 'ipc', recorder?.descriptor ?? 'ignore'],
    execArgv: [],
    env: { ...allocatorSettings, ...process.env },
  });
  const stopper = stopperOf(child, on.patience ?? STOP_MILLISECONDS);
  const heeded = on.heedsSignals ? (['SIGINT', 'SIGTERM', 'SIGHUP'] as const) : [];
  for (const signal of heeded) process.on(signal, stopper.stop);
  on.signal?.addEventListener('abort', stopper.stop);
  try {
    const isRecorded = recorder !== undefined;
    const start: ToChild = {
      type: 'start',
      module: module.href,
      input,
      isRecorded,
      ...(keepCallsIn && { keepCallsIn }),
    };
    child.send(start, ignoreClosed);
    if (on.signal?.aborted) stopper.stop();
    return await endingOf(child, on, stopper, recorder);
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

function stopperOf(child: ChildProcess, patience: number): Stopper {
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
    if (isStopping || patience === 0) kill();
    if (isStopping) return;
    isStopping = true;
    if (child.connected) child.send({ type: 'stop' } satisfies ToChild, ignoreClosed);
    expectEnd(patience);
  };
  return { stop, isStopping: () => isStopping, expectEnd, cancel: () => clearTimeout(timer) };
}

function endingOf(
  child: ChildProcess,
  on: ProcessHooks,
  stopper: Stopper,
  recorder: Recorder | undefined,
): Promise<Ending> {
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
      if (last?.type === 'result') resolve({ kind: 'result', value: last.value });
      else if (last?.type === 'error') resolve({ kind: 'error', error: errorOf(last.error) });
      else if (stopper.isStopping()) resolve({ kind: 'killed', run });
      else resolve({ kind: 'died', stage, inRuntime: recorder?.read(), run, code, signal });
    });
  });
}

const stageText = ({ stage, done, total }: JobEvent & { type: 'progress' }): string =>
  `in stage '${stage}' (${done} of ${total})`;

/** A child that is gone already is reported when it closes. */
const ignoreClosed = (): void => {};
