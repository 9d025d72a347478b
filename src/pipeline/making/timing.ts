/** The `timing` of a document about a model and what was made of it. */
import type { Timing } from '../../report/prune-report.js';
import { peakMemory } from '../peak-memory.js';
import type { Reconstructed } from '../reconstruct/loop.js';
import { regionTimes } from '../reconstruct/results.js';
import type { LatencyPair } from './latency-job.js';
import type { Stopwatch } from './stopwatch.js';

/** @param times of both models, or why they were not measured. */
export const timingOf = (
  watch: Stopwatch,
  times: LatencyPair | string | undefined,
  reconstruction?: Pick<Reconstructed, 'regions' | 'drift'>,
): Timing => ({
  finishedAt: new Date().toISOString(),
  totalSeconds: watch.totalSeconds,
  peakMemoryBytes: peakMemory(),
  stages: watch.stages,
  ...(reconstruction && { regions: regionTimes(reconstruction) }),
  ...(typeof times === 'object' && {
    latency: {
      beforeMs: times.before.p50Milliseconds,
      afterMs: times.after.p50Milliseconds,
      description: `median of ${times.before.runs} runs of ${times.before.batch} sample, the two models in turn`,
    },
  }),
});
