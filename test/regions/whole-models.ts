/** Graphs to run whole, and random samples for them. */
import { fileURLToPath } from 'node:url';
import { randomSamples } from '../../src/data/random-samples.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { workingCopy } from '../../src/pipeline/working-copy.js';
import { annotate } from '../../src/runtime/annotate.js';
import type { Tensor } from '../../src/tensor/tensor.js';

/** The bundled language model. */
export const gpt = (): Graph =>
  workingCopy(load(fileURLToPath(new URL('../../models/gpt-sotu/model.onnx', import.meta.url))).graph);

/** Two batches of random samples. */
export async function feedsOf(graph: Graph): Promise<ReadonlyMap<Value, Tensor>[]> {
  const types = await annotate(graph);
  return [1, 2].map((seed) => randomSamples(graph, types, seed).batch(0, 1));
}
