/** Which weights of an exported model training moves; those of networks that were built here are told by `trainableOf`. */
import { consumers, feeds } from '../../ir/graph.js';
import type { Graph, Value } from '../../ir/types.js';
import { findLayers } from '../../ops/layers.js';
import { findParameters } from '../../ops/parameters.js';

/**
 * Of an exported model: weights of layers, biases, scales and shifts of norms. What the input meets first is preprocessing, and rests; so
 * do biases that a BatchNormalization takes off again, whose gradient is nothing but rounding.
 */
export function exportedWeights(graph: Graph): readonly Value[] {
  const resting = new Set([...preprocessing(graph), ...cancelledBiases(graph)]);
  return findParameters(graph, findLayers(graph).layers).filter((value) => !resting.has(value));
}

const elementwise = new Set(['Add', 'Sub', 'Mul', 'Div']);

/** Constants of arithmetic on the model's input, before any layer. */
function preprocessing(graph: Graph): ReadonlySet<Value> {
  const raw = new Set<Value>(feeds(graph));
  const constants = new Set<Value>();
  for (const { op, inputs, outputs } of graph.nodes) {
    if (!elementwise.has(op) || !inputs.some((value) => value && raw.has(value))) continue;
    for (const value of inputs) if (value && graph.initializers.has(value)) constants.add(value);
    for (const value of outputs) if (value) raw.add(value);
  }
  return constants;
}

function* cancelledBiases(graph: Graph): Generator<Value> {
  const readers = consumers(graph);
  for (const { op, inputs, outputs } of graph.nodes) {
    const [, , bias] = inputs;
    const behind = readers.get(outputs[0] as Value) ?? [];
    if (
      (op === 'Conv' || op === 'Gemm') &&
      bias &&
      behind.length > 0 &&
      behind.every((node) => node.op === 'BatchNormalization')
    )
      yield bias;
  }
}
