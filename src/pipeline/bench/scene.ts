/** What a bench is about: models that take the same inputs, and what they are fed. */
import type { Samples } from '../../data/samples.js';
import type { Graph, Model } from '../../ir/types.js';
import { openData } from '../open-data.js';
import { openModel } from '../open-model.js';
import { randomInputs } from './random-inputs.js';
import type { BenchRequest } from './request.js';
import { sharedInputs } from './shared-inputs.js';

export interface BenchScene {
  readonly models: readonly Model[];
  /** Of the first, with every size that one of them fixes. */
  readonly copy: Graph;
  readonly samples: Samples;
}

/** @throws UserError where a model or the data cannot be had, or the models do not take the same inputs. */
export async function benchScene(request: BenchRequest): Promise<BenchScene> {
  const { models: paths, data, engine, seqLen, seed } = request;
  const models = paths.map(openModel);
  const copy = sharedInputs(models);
  const samples = data
    ? await openData(copy, paths[0]!, data)
    : await randomInputs(copy, {
        ...{ batch: engine.batch ?? 1, seqLen, seed },
        others: models.slice(1).map(({ graph }) => graph),
      });
  return { models, copy, samples };
}
