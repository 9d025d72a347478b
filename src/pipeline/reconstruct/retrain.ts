/** Whole-model retraining: the baseline, in which what is left is trained on tokens or labels with the masks held. */
import type { Samples } from '../../data/index.js';
import { fit } from '../../fit/index.js';
import type { Graph, Value } from '../../ir/types.js';
import type { Layer } from '../../ops/layers.js';
import { findParameters } from '../../ops/parameters.js';
import type { Steps } from '../../run/run-directory.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import type { CompileOptions } from '../../runtime/program.js';
import type { Tensor } from '../../tensor/tensor.js';
import { markPeak, peakSinceMark } from '../peak-memory.js';
import { fitData } from './data.js';
import { fitCheckpoints } from './fit-checkpoints.js';
import type { Masking, Reconstructed } from './loop.js';
import { keptOf, type RegionFacts, thinned } from './region.js';
import type { ReconstructionRequest } from './request.js';
import { fitOptions } from './solver.js';
import { trainingLoss } from './training-loss.js';
import type { WeightPlaces } from './weight-places.js';

export interface RetrainWork {
  readonly request: ReconstructionRequest;
  readonly seed: number;
  /** The pruned model's working copy. */
  readonly graph: Graph;
  /** Pruned in it: their weights move under their masks, and biases and norms do. */
  readonly layers: readonly Layer[];
  readonly maskOf: Masking['maskOf'];
  readonly places: WeightPlaces;
  readonly samples: Samples;
  readonly engine: CompileOptions;
  readonly run: Steps;
  readonly context: JobContext;
}

const step = 'retrained';

/** Goes on after the last epoch that an earlier start finished. */
export async function retrain(work: RetrainWork): Promise<Reconstructed> {
  const { run } = work;
  const finished = await run.checkpoint(step);
  const { tensors, facts } = finished ?? (await trained(work));
  return { tensors, regions: [facts as RegionFacts], drift: [], added: new Map() };
}

async function trained({ request, seed, graph, layers, maskOf, places, ...work }: RetrainWork) {
  const { samples, engine, run, context } = work;
  const begin = performance.now();
  markPeak();
  const weights = findParameters(graph, layers).filter((value) =>
    places.has(value, graph.initializers.get(value)!.shape),
  );
  const own = new Set(weights);
  const masks = new Map(
    layers
      .filter(({ weight }) => own.has(weight))
      .map((layer): [Value, Tensor] => [layer.weight, maskOf(layer, graph.initializers.get(layer.weight)!)]),
  );
  const data = fitData(samples, request, seed);
  const problem = trainingLoss(graph, samples);
  const { shuffle, patience } = request.descent;
  const kept = fitCheckpoints(run, step);
  const from = await kept.last();
  const fitted = await fit(
    {
      graph: problem.graph,
      loss: problem.loss,
      weights,
      masks,
      batches: problem.batches(data.trained, data.size),
      ...(data.heldOut.length > 0 && { validation: problem.batches(data.heldOut, data.size) }),
    },
    {
      ...engine,
      ...fitOptions(request.descent, data, layers),
      signal: context.signal,
      ...(shuffle && { shuffle: seed }),
      ...(patience !== undefined && { patience }),
      ...(from && { from }),
      onEpoch: (progress) => kept.keep(progress),
      onSteps: (done, total) => context.emit({ type: 'progress', stage: 'retrain', done, total, unit: 'steps' }),
    },
  );
  const stored = weights.map((value): [string, Tensor] => [
    value.name,
    places.store(value, fitted.weights.get(value.name)!, masks.get(value)),
  ]);
  const facts: RegionFacts = {
    name: 'model',
    kind: 'model',
    layers: layers.map(({ name }) => name),
    trained: weights.reduce((sum, value) => sum + keptOf(masks.get(value), graph.initializers.get(value)!.shape), 0),
    before: fitted.judged[0]!,
    after: fitted.judged[fitted.bestEpoch]!,
    losses: thinned(fitted.losses),
    steps: fitted.steps,
    judged: fitted.judged,
    seconds: (performance.now() - begin) / 1000,
    peakMemoryBytes: peakSinceMark(),
  };
  const written = await run.write(step, new Map(stored), facts);
  kept.clear();
  return written;
}
