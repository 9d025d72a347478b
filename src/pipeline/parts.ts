/** Several processes that share the work of one run: each writes the steps of its regions into the one run directory. */
import type { JobContext, JobEvent } from '../runtime/job-protocol.js';
import type { Engine } from './engine.js';
import { memoryOf } from './memory.js';
import type { PruneRequest } from './prune/request.js';
import type { ReconstructRequest } from './reconstruct/request.js';

/** What is done by several at a time; between two of them all are waited for. */
export type Task = 'observe' | 'prune' | 'reconstruct';

/** What one process does of a task. */
export interface Share {
  readonly task: Task;
  readonly isMine: (region: number) => boolean;
  /** Unlike those of the others. */
  readonly name: string;
}

/** What a process is told that does every `count`th region from `index` on. */
export interface PartInput {
  readonly task: Task;
  readonly request: PruneRequest | ReconstructRequest;
  readonly engine: Engine;
  readonly run: string;
  readonly index: number;
  readonly count: number;
}

export interface Parting {
  readonly request: PruneRequest | ReconstructRequest;
  readonly engine: Engine;
  readonly run: { readonly path: string };
  readonly context: JobContext;
}

/** All are waited for, so that what one finished is kept where another failed. */
export async function inParts(task: Task, { request, engine, run, context }: Parting): Promise<void> {
  const { jobs: count = 1 } = request;
  const memory = Math.floor(memoryOf(request.engine) / count);
  const own = { ...request, engine: { ...request.engine, memory } };
  const latest = new Map<number, Progress>();
  const listen = (index: number) => (event: JobEvent) => {
    if (event.type === 'progress') {
      latest.set(index, event);
      const alike = [...latest.values()].filter(({ stage }) => stage === event.stage);
      if (alike.length === count) context.emit(together(alike));
    } else if (event.type === 'log' && event.level === 'warn') context.emit(event);
  };
  const parts = Array.from({ length: count }, (_, index) => {
    const input: PartInput = { task, request: own, engine, run: run.path, index, count };
    return context.job<null>(new URL('./part-job.js', import.meta.url), input, listen(index));
  });
  for (const part of await Promise.allSettled(parts)) if (part.status === 'rejected') throw part.reason;
}

type Progress = Extract<JobEvent, { type: 'progress' }>;

const together = (all: readonly Progress[]): Progress => ({
  ...all[0]!,
  done: all.reduce((sum, { done }) => sum + done, 0),
  total: all.reduce((sum, { total }) => sum + total, 0),
});
