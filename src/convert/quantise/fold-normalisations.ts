/** BatchNormalization behind Conv moved into its weight and bias: a runtime does so by itself, but not behind DequantizeLinear. */
import { consumers } from '../../ir/graph.js';
import { floatAttr, intAttr, isDefaultDomain } from '../../ir/node.js';
import type { Graph, Node, Value } from '../../ir/types.js';
import { builderFor } from '../../ops/builder.js';
import { constantsOf } from '../../ops/constants.js';
import { floatsOf } from '../../tensor/convert.js';
import { sizeOf } from '../../tensor/dtype.js';
import { float32, type Tensor } from '../../tensor/tensor.js';
import { edit, withoutUnread } from '../edit.js';

export interface Folded {
  readonly graph: Graph;
  /** The stored weight that each new one was made of. */
  readonly origins: ReadonlyMap<Value, Value>;
}

/** Weights stay exactly zero where they were. @param isChosen whether a Conv, by its weight, is to be folded. */
export function foldNormalisations(graph: Graph, isChosen: (conv: Node, weight: Value) => boolean): Folded {
  const pairs = pairsOf(graph, isChosen);
  const origins = new Map<Value, Value>();
  if (pairs.size === 0) return { graph, origins };
  const g = builderFor(graph, 'folded');
  const unread = new Set<Value>();
  const whole = edit(
    graph,
    g,
    (node) => {
      const pair = pairs.get(node);
      if (!pair) return node;
      const { norm, weight, bias } = pair;
      const root = node.inputs[1] as Value;
      const made = g.constant(weight, root.name);
      origins.set(made, root);
      for (const value of [root, node.inputs[2], ...norm.inputs.slice(1)]) if (value) unread.add(value);
      const shift = g.constant(bias, node.inputs[2]?.name ?? `${root.name}/bias`);
      return { ...node, inputs: [node.inputs[0]!, made, shift], outputs: [norm.outputs[0]!] };
    },
    [],
  );
  const norms = new Set([...pairs.values()].map(({ norm }) => norm));
  const nodes = whole.nodes.filter((node) => !norms.has(node));
  // only now is the normalisation's own part unread
  return { graph: withoutUnread({ ...whole, nodes }, unread), origins };
}

interface Pair {
  readonly norm: Node;
  readonly weight: Tensor;
  readonly bias: Tensor;
}

function pairsOf(graph: Graph, isChosen: (conv: Node, weight: Value) => boolean): Map<Node, Pair> {
  const readers = consumers(graph);
  const { tensorOf } = constantsOf(graph);
  const pairs = new Map<Node, Pair>();
  for (const conv of graph.nodes) {
    const [y, root] = [conv.outputs[0], conv.inputs[1]];
    if (conv.op !== 'Conv' || !isDefaultDomain(conv.domain) || !y || !root) continue;
    const [norm, ...others] = readers.get(y) ?? [];
    const isAlone = others.length === 0 && !graph.outputs.includes(y) && readers.get(root)?.length === 1;
    if (!norm || !isAlone || !isInference(norm) || norm.inputs[0] !== y || !isChosen(conv, root)) continue;
    const pair = folded(conv, norm, tensorOf);
    if (pair) pairs.set(conv, pair);
  }
  return pairs;
}

const isInference = (node: Node): boolean =>
  node.op === 'BatchNormalization' &&
  isDefaultDomain(node.domain) &&
  intAttr(node, 'training_mode', 0) === 0 &&
  node.outputs.slice(1).every((value) => value === null);

/** y = slope (W x + b - mean) + shift with slope = scale / sqrt(variance + epsilon), in float64. */
function folded(conv: Node, norm: Node, tensorOf: (value: Value) => Tensor | undefined): Pair | undefined {
  const stored = [conv.inputs[1], ...norm.inputs.slice(1, 5)].map((value) => value && tensorOf(value));
  const before = conv.inputs[2] ? tensorOf(conv.inputs[2]) : null;
  if (before === undefined || [...stored, before].some((each) => each !== null && each?.dtype !== 'float32')) {
    return undefined;
  }
  const [weight, scale, shift, mean, variance] = (stored as Tensor[]).map(floatsOf) as Float32Array[];
  const shape = stored[0]!.shape;
  const channels = shape[0]!;
  if ([scale, shift, mean, variance].some((each) => each!.length !== channels)) return undefined;
  const b = before ? floatsOf(before) : new Float32Array(channels);
  const epsilon = floatAttr(norm, 'epsilon', 1e-5);
  const slope = Float64Array.from(scale!, (value, i) => value / Math.sqrt(variance![i]! + epsilon));
  const inner = sizeOf(shape) / channels;
  return {
    norm,
    weight: float32(
      shape,
      weight!.map((value, i) => value * slope[Math.floor(i / inner)]!),
    ),
    bias: float32(
      [channels],
      b.map((value, i) => (value - mean![i]!) * slope[i]! + shift![i]!),
    ),
  };
}
