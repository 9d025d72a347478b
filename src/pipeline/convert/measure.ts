/** What a conversion costs and brings: errors of outputs, quality, time; every figure against the model it was made from. */
import { givenWeights } from '../../convert/given-weights.js';
import type { Converted } from '../../convert/index.js';
import { decodeWeights } from '../../convert/stored-weights.js';
import { withWeights } from '../../convert/weights.js';
import { exitCodes, isInterruption, UserError } from '../../errors.js';
import { logitsOf } from '../../evaluate/index.js';
import type { Graph, Model } from '../../ir/types.js';
import type { OutputErrors } from '../../report/convert-report.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { compareOutputs } from '../compare/outputs.js';
import type { Engine } from '../engine.js';
import { fitsWhole, forwardFor, memoryOf } from '../memory.js';
import { measureQuality, type Quality } from '../quality.js';
import { flatCopy, workingCopy } from '../working-copy.js';
import type { Speed, SpeedRequest } from './latency-job.js';
import type { ConvertInputs } from './request.js';
import type { ConvertScene } from './scene.js';

export interface Measuring {
  readonly request: ConvertInputs;
  readonly scene: ConvertScene;
  readonly engine: Engine;
  readonly context: JobContext;
}

/** The model that the written file stands for: itself, or the original with the weights of the file. */
export function modelFrom({ made }: Converted, original: Model, written: () => Model): Model {
  if (made.kind === 'model') return written();
  const values = givenWeights(
    original.graph,
    decodeWeights(made.tensors, made.metadata, 'the tensors written'),
    'the tensors written',
  );
  return { ...original, graph: withWeights(original.graph, values) };
}

/** Why nothing is compared where the same data is fed in another way. */
const otherInputs = 'the converted model has other token ids: give scalpel eval its own tokenizer';

/**
 * @param converted tells whether both take the same inputs; else nothing is compared.
 * @param after gives the model that the file stands for, and may refuse.
 */
export async function outputErrors(
  { request, scene, engine, context }: Measuring,
  { hasOtherInputs }: Converted,
  after: () => Model,
): Promise<OutputErrors> {
  const { signal, emit } = context;
  const { batch } = request.engine;
  if (hasOtherInputs) return { inputs: 'none', outputs: [], failure: otherInputs };
  try {
    const compared = await compareOutputs(scene.model, after(), {
      ...engine,
      ...(batch !== undefined && { batch }),
      ...{ samples: scene.evaluation, tolerance: Number.POSITIVE_INFINITY, seed: request.seed, signal },
      onBatch: (done, total) => emit({ type: 'progress', stage: 'compare outputs', done, total, unit: 'samples' }),
    });
    return {
      inputs: compared.inputs.description,
      ...(compared.computedIn && { computedIn: compared.computedIn }),
      outputs: compared.outputs.map(({ name, maxAbsolute: largest, relative }) => ({ name, largest, relative })),
      ...(compared.failure !== undefined && { failure: compared.failure }),
    };
  } catch (error) {
    if (!(error instanceof UserError) || isInterruption(error) || error.exitCode !== exitCodes.unsupported) throw error;
    return { inputs: 'none', outputs: [], failure: error.message };
  }
}

export interface QualityPair {
  readonly before: Quality;
  readonly after: Quality;
  /** Set where a model could not be run as it is stored. */
  readonly computedIn?: 'float32';
}

export interface Judged {
  readonly quality: Quality;
  /** Whether it was computed in float32 though stored otherwise. */
  readonly isWide: boolean;
}

/** @param before of the model as it came. @returns undefined where the data do not say what is right. */
export async function qualities(
  measuring: Measuring,
  { hasOtherInputs }: Converted,
  after: () => Model,
  before = () => qualityBefore(measuring),
): Promise<QualityPair | undefined> {
  const was = hasOtherInputs ? undefined : await before();
  if (!was) return undefined;
  const now = await qualityOf(measuring, 'after', after().graph);
  return {
    before: was.quality,
    after: now.quality,
    ...((was.isWide || now.isWide) && { computedIn: 'float32' }),
  };
}

/** Undefined where the data do not say what is right. */
export async function qualityBefore(measuring: Measuring): Promise<Judged | undefined> {
  const { evaluation: samples, model } = measuring.scene;
  return samples?.tokens || samples?.labels ? qualityOf(measuring, 'before', model.graph) : undefined;
}

async function qualityOf(measuring: Measuring, stage: string, graph: Graph): Promise<Judged> {
  // figures are computed in float32, which half precision outputs would not fit
  const { dtype = 'float32' } = logitsOf(graph, 2).type ?? {};
  if (dtype !== 'float32') return { quality: await measured(measuring, stage, workingCopy(graph)), isWide: true };
  try {
    return { quality: await measured(measuring, stage, flatCopy(graph)), isWide: false };
  } catch (error) {
    if (!(error instanceof UserError) || error.exitCode !== exitCodes.unsupported) throw error;
    return { quality: await measured(measuring, stage, workingCopy(graph)), isWide: true };
  }
}

function measured(
  { request, scene, engine, context: { signal, emit } }: Measuring,
  stage: string,
  graph: Graph,
): Promise<Quality> {
  const { batch } = request.engine;
  return measureQuality(graph, scene.evaluation!, request.evaluation!.metric, {
    ...engine,
    forward: forwardFor(graph, request.engine),
    ...(batch !== undefined && { batch }),
    signal,
    onBatch: (done, total) => emit({ type: 'progress', stage: `evaluate ${stage}`, done, total, unit: 'samples' }),
  });
}

/** How fast both files are, where memory allows to hold both. */
export function speed(
  { request, scene, engine, context }: Measuring,
  { hasOtherInputs }: Converted,
  after: string,
): Promise<Speed> {
  const memory = memoryOf(request.engine);
  if (!fitsWhole(scene.model.graph, memory, 2))
    return Promise.resolve({
      latency: `the two models together do not fit into ${(memory / 1e9).toFixed(1)} GB; raise --memory`,
    });
  const { model: before, evaluation, seed } = request;
  const asked: SpeedRequest = {
    before,
    after,
    seed,
    engine,
    ...(evaluation && !hasOtherInputs && { data: evaluation }),
  };
  return context.job<Speed>(new URL('./latency-job.js', import.meta.url), asked);
}
