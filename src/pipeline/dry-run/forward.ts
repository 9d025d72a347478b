/** What an evaluation would take: its first samples are evaluated as it would evaluate all. */
import type { Samples } from '../../data/index.js';
import { defaultBatch } from '../../evaluate/perplexity.js';
import type { Graph } from '../../ir/types.js';
import type { Engine } from '../engine.js';
import { forwardFor } from '../memory.js';
import { measureQuality } from '../quality.js';
import type { EngineRequest, MetricName } from '../requests.js';
import type { EstimatedPart } from './dry-run.js';
import type { DryRunNotes } from './notes.js';
import { type Trial, tryOut } from './trial.js';

export interface ForwardTrial {
  readonly graph: Graph;
  readonly samples: Samples;
  readonly metric: MetricName;
  readonly engine: Engine;
  readonly wanted: EngineRequest;
  readonly signal: AbortSignal;
}

/** Runs of classifiers take this many samples. */
const classifierBatch = 32;

/** Undefined where the runtime or the data are refused, which is noted. */
export function tryForward(notes: DryRunNotes, trial: ForwardTrial): Promise<Trial | undefined> {
  const { graph, samples, engine, wanted, signal } = trial;
  const options = { ...engine, forward: forwardFor(graph, wanted), signal };
  return notes.run(graph, () =>
    tryOut(samples, batchOf(trial), (few) =>
      measureQuality(graph, few, metricOf(trial), { ...options, batch: few.count }),
    ),
  );
}

/** @param times the evaluation is done */
export const forwardPart = (what: string, { count }: Samples, trial: Trial, times = 1): EstimatedPart => ({
  what,
  seconds: times * (trial.fixedSeconds + trial.secondsPerSample * count),
});

function batchOf({ graph, samples, wanted }: ForwardTrial): number {
  if (samples.fixedBatch ?? wanted.batch) return (samples.fixedBatch ?? wanted.batch) as number;
  return samples.tokens ? defaultBatch(graph, samples.tokens.shape[1] as number) : classifierBatch;
}

/** Few samples may be of one class, which some figures do not know; all of them come from the same run. */
const metricOf = ({ metric }: ForwardTrial): MetricName =>
  metric === 'auto' || metric === 'perplexity' ? metric : 'top1';
