/** Convolutions in the form whose gradient is fastest: normalisations behind them in their weights, one spatial axis as two. */
import { consumers } from '../ir/graph.js';
import { floatAttr, intAttr, isDefaultDomain } from '../ir/node.js';
import type { Graph, Node, TensorType, Value } from '../ir/types.js';
import { inverseDeviation } from '../ops/standardise.js';
import type { Tape } from '../ops/tape.js';
import { planar } from './planar.js';
import { replaceNodes } from './replace-nodes.js';

/**
 * The same function in other nodes; the same object where none changes.
 *
 * A BatchNormalization (inference) behind a Conv moves into its weight and bias, as in the runtime's own forward: the gradient of
 * its scale then comes of that of the weight, instead of reading all pixels three times more. A Conv along one axis becomes one
 * along two, for which the runtime has faster kernels.
 * @param types of the values
 * @param keep values that are asked for, so that a Conv that makes one stays
 */
export function foldConvolutions(graph: Graph, types: ReadonlyMap<Value, TensorType>, keep: ReadonlySet<Value>): Graph {
  const normalised = normalisedConvolutions(graph, types, keep);
  const moved = new Set(normalised.values());
  const isAlongOne = (conv: Node): boolean => types.get(conv.inputs[0] as Value)?.shape?.length === 3;
  const replaced = replaceNodes(graph, types, (node) => {
    const conv = normalised.get(node);
    if (conv) return (g) => [emit(g, conv, foldedWeights(g, conv, node), isAlongOne(conv))];
    const isChanged = isConv(node) && !moved.has(node) && isAlongOne(node);
    return isChanged ? (g) => [emit(g, node, node.inputs.slice(1), true)] : undefined;
  });
  return moved.size === 0 ? replaced : { ...replaced, nodes: replaced.nodes.filter((node) => !moved.has(node)) };
}

/** Each BatchNormalization that can move, with the Conv that it moves into. */
function normalisedConvolutions(
  graph: Graph,
  types: ReadonlyMap<Value, TensorType>,
  keep: ReadonlySet<Value>,
): ReadonlyMap<Node, Node> {
  const readers = consumers(graph);
  const found = new Map<Node, Node>();
  for (const conv of graph.nodes.filter(isConv)) {
    const y = conv.outputs[0] as Value;
    const [reader, ...others] = readers.get(y) ?? [];
    if (!reader || others.length > 0 || keep.has(y) || graph.outputs.includes(y)) continue;
    if (isFixedNormalisation(reader, types) && reader.inputs[0] === y) found.set(reader, conv);
  }
  return found;
}

const isConv = (node: Node): boolean => node.op === 'Conv' && isDefaultDomain(node.domain);

/** By stored statistics, and in one element type. */
const isFixedNormalisation = (node: Node, types: ReadonlyMap<Value, TensorType>): boolean =>
  node.op === 'BatchNormalization' &&
  isDefaultDomain(node.domain) &&
  intAttr(node, 'training_mode', 0) === 0 &&
  new Set(node.inputs.map((value) => types.get(value as Value)?.dtype)).size === 1;

/** y = slope (W x + b - mean) + shift with slope = scale / deviation. */
function foldedWeights(g: Tape, conv: Node, norm: Node): Value[] {
  const [, weight, bias] = conv.inputs as [Value, Value, (Value | null)?];
  const [x, scale, shift, mean, variance] = norm.inputs as [Value, Value, Value, Value, Value];
  const slope = g.mul(scale, inverseDeviation(g, variance, floatAttr(norm, 'epsilon', 1e-5), x));
  const perOutput = g.reshape(slope, [-1, ...Array<number>(g.rank(x) - 1).fill(1)]);
  const centre = bias ? g.sub(bias, mean) : g.neg(mean);
  return [g.mul(weight, perOutput), g.add(shift, g.mul(slope, centre))];
}

/** The convolution with these weights (and bias), over two axes where it has one. */
function emit(g: Tape, conv: Node, weights: readonly (Value | null)[], isAlongOne: boolean): Value {
  const x = conv.inputs[0] as Value;
  if (!isAlongOne) return g.op('Conv', [x, ...weights], conv.attrs);
  const [weight, ...bias] = weights as [Value, (Value | null)?];
  const inputs = [g.unsqueeze(x, [2]), g.unsqueeze(weight, [2]), ...bias] as (Value | null)[];
  return g.squeeze(g.op('Conv', inputs, planar(conv)), [2]);
}
