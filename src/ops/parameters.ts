/** parameters: the weights of a region that training would move, told from the constants of its arithmetic. */
import { consumers, valuesByName } from '../ir/graph.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { isFloat } from '../tensor/dtype.js';
import type { Layer } from './layers.js';

/**
 * The weights of layers, and vectors that scale or shift: biases, and the scale and shift of norms. Tables that are looked up or
 * added whole (masks, positions, rotary tables), single numbers, the running statistics of BatchNormalization, and weights
 * that are stored quantised rest.
 * @param region as `extract` gives it; constants of Constant nodes rest too.
 */
export function findParameters(region: Graph, layers: readonly Layer[]): Value[] {
  const readers = consumers(region);
  const known = valuesByName(region);
  const weights = new Set(layers.map(({ weight }) => weight).filter((value) => known.get(value.name) === value));
  const shifts = [...region.initializers].filter(
    ([value, { dtype, shape }]) =>
      !weights.has(value) &&
      isFloat(dtype) &&
      isVector(shape) &&
      (readers.get(value) ?? []).length > 0 &&
      (readers.get(value) ?? []).every((node) => moves(node, value)),
  );
  return [...weights, ...shifts.map(([value]) => value)].filter(
    (value) => region.initializers.get(value)?.dtype === 'float32',
  );
}

/** One axis alone has more than one element. */
const isVector = (shape: readonly number[]): boolean => shape.filter((size) => size > 1).length === 1;

/** By op, the inputs that scale or shift; elementwise ones may have theirs on either side. */
const places: Readonly<Record<string, readonly number[]>> = {
  Add: [0, 1],
  Sub: [0, 1],
  Mul: [0, 1],
  Gemm: [2],
  Conv: [2],
  ConvTranspose: [2],
  LSTM: [3],
  GRU: [3],
  RNN: [3],
  BatchNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  GroupNormalization: [1, 2],
  LayerNormalization: [1, 2],
  RMSNormalization: [1],
  SimplifiedLayerNormalization: [1],
  SkipSimplifiedLayerNormalization: [2, 3],
  SkipLayerNormalization: [2, 3, 4],
  PRelu: [1],
  BiasGelu: [1],
  FastGelu: [1],
  Attention: [2],
  MultiHeadAttention: [3],
};

const moves = ({ op, inputs }: Node, value: Value): boolean =>
  inputs.every((input, i) => input !== value || (places[op] ?? []).includes(i));
