/** The last layer of a network that still has positions: where a class activation map is read off. */
import { producers } from '../../ir/graph.js';
import type { Dimension, Graph, TensorType, Value } from '../../ir/types.js';

export interface ActivationLayer {
  /** [batch, channels, positions] or [batch, channels, height, width]. */
  readonly value: Value;
  /** Its sizes behind the channels. */
  readonly sizes: readonly number[];
  /** Whether only a mean over positions and linear layers follow. */
  readonly endsInMean: boolean;
}

/** @param graph with `types` of all its values. @param ranks that the layer may have. Undefined where nothing with positions comes from a convolution. */
export function activationLayer(
  graph: Graph,
  types: ReadonlyMap<Value, TensorType>,
  logits: Value,
  ranks: readonly number[],
): ActivationLayer | undefined {
  const asked = askedFor(graph, logits);
  const made = new Set<Value>();
  let last: ActivationLayer | undefined;
  for (const { op, inputs, outputs } of graph.nodes) {
    const value = outputs[0];
    const shape = value && types.get(value)?.shape;
    const sizes = shape && sizesBehind(shape);
    if (!sizes || !ranks.includes(shape.length) || sizes.reduce((all, size) => all * size, 1) === 1) continue;
    const isKept =
      !turning.has(op) && inputs.some((input) => input !== null && made.has(input) && rankOf(input) === shape.length);
    if (!convolutions.has(op) && !isKept) continue;
    made.add(value);
    if (asked.has(value)) last = { value, sizes, endsInMean: false };
  }
  return last && { ...last, endsInMean: endsInMean(last.value) };

  function rankOf(value: Value): number | undefined {
    return types.get(value)?.shape?.length;
  }

  /** Back from the scores through what is linear, up to a mean of the value over its positions. */
  function endsInMean(value: Value): boolean {
    const makers = producers(graph);
    let isMean = false;
    for (let at = logits; at !== value; ) {
      const { op = '', inputs = [] } = makers.get(at) ?? {};
      const [moving, ...others] = shaping.has(op)
        ? [inputs[0]]
        : inputs.filter((input) => input !== null && !graph.initializers.has(input));
      if (!moving || others.length > 0 || !(linear.has(op) || shaping.has(op) || means.has(op))) return false;
      if (means.has(op)) isMean = (types.get(at)?.shape?.slice(2) ?? []).every((size) => size === 1);
      at = moving;
    }
    return isMean;
  }
}

const convolutions = new Set(['Conv', 'ConvTranspose', 'ConvInteger', 'QLinearConv']);

/** Ops behind which axes or places are others, whatever the rank. */
const turning = new Set([
  'Pad',
  'Transpose',
  'Reshape',
  'MatMul',
  'Gemm',
  'Einsum',
  'Gather',
  'Squeeze',
  'Unsqueeze',
  'Expand',
]);

const means = new Set(['GlobalAveragePool', 'AveragePool', 'ReduceMean']);

/** Linear, whatever their other inputs say of shapes. */
const shaping = new Set(['Identity', 'Cast', 'Reshape', 'Flatten', 'Squeeze', 'Dropout', 'Pad']);

/** Linear in the one input that is no weight. */
const linear = new Set(['Gemm', 'MatMul', 'Add', 'Sub', 'Mul', 'BatchNormalization']);

const sizesBehind = (shape: readonly Dimension[]): number[] | undefined => {
  const sizes = shape.slice(2);
  return sizes.length > 0 && sizes.every((size) => typeof size === 'number') ? sizes : undefined;
};

/** Values that another depends on, itself included. */
function askedFor(graph: Graph, value: Value): Set<Value> {
  const makers = producers(graph);
  const found = new Set([value]);
  for (const each of found) for (const input of makers.get(each)?.inputs ?? []) if (input) found.add(input);
  return found;
}
