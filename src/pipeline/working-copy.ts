/** The copies of a model that are looked at and run; what is saved is never one of them. */
import type { Samples } from '../data/index.js';
import type { Graph, Value } from '../ir/types.js';
import { inlineIf } from '../onnx/inline-if.js';
import { normalize } from '../onnx/normalize.js';
import { widen } from '../onnx/widen.js';
import { type Tensor, tensor } from '../tensor/tensor.js';

/** Emitted nodes mean the same from here on: only older graphs, and those that call functions, are normalised. */
const oldestEmitted = 13;

/**
 * The graph with every decision made that the run will make: no cache branch, no functions, an opset that emitted nodes know.
 * Weights are as stored, and are the model's own values.
 */
export function flatCopy(graph: Graph): Graph {
  const decided = inlineIf(graph, switches(graph));
  const opset = decided.opsets.get('') ?? decided.opsets.get('ai.onnx') ?? oldestEmitted;
  return opset < oldestEmitted || decided.functions.length > 0 ? normalize(decided) : decided;
}

/** The flat copy in float32: what is run. Weights map back by name. */
export const workingCopy = (graph: Graph): Graph => widen(flatCopy(graph)).graph;

/** Merged exports of language models choose by this input between a first and a following step; every sample is a first one. */
export const switches = (graph: Graph): Map<Value, Tensor> =>
  new Map(
    graph.inputs
      .filter(({ name, type }) => name === 'use_cache_branch' && type?.dtype === 'bool')
      .map((value) => {
        const shape = (value.type?.shape ?? []).map((size) => (typeof size === 'number' ? size : 1));
        return [value, tensor('bool', shape, new Uint8Array(shape.reduce((product, size) => product * size, 1)))];
      }),
  );

/** Samples of the working copy for the model itself: its switches are off in every run. */
export function withSwitches(graph: Graph, samples: Samples): Samples {
  const fixed = switches(graph);
  return fixed.size === 0
    ? samples
    : { ...samples, batch: (from, to) => new Map([...samples.batch(from, to), ...fixed]) };
}
