/** Nodes written for opset 22 and later: most only accept more element types, a few are new. */
import { unsupported } from '../../errors.js';
import { attrs, describe, floatAttr, intAttr } from '../../ir/node.js';
import type { Node, Value } from '../../ir/types.js';
import { Attention } from './attention.js';
import { CumProd } from './cum-prod.js';
import { RotaryEmbedding } from './rotary-embedding.js';
import { TensorScatter } from './tensor-scatter.js';
import { newSince21, plain, scalarLike, type UpgradeContext } from './upgrade.js';

/** Ops that opset 21 does not have, and what they are in it. */
const expansions: Readonly<Record<string, (node: Node, context: UpgradeContext) => readonly Node[]>> = {
  Attention,
  CumProd,
  RotaryEmbedding,
  TensorScatter,
  Swish: (node, { g }) => {
    const [x, y] = [node.inputs[0] as Value, node.outputs[0] as Value];
    const [scaled, gate] = [g.value('Mul'), g.value('Sigmoid')];
    return [
      plain('Mul', [x, scalarLike(g, x, floatAttr(node, 'alpha', 1))], [scaled]),
      plain('Sigmoid', [scaled], [gate]),
      plain('Mul', [x, gate], [y]),
    ];
  },
  // x / sqrt(mean(x^2) + epsilon) times a scale, over the axes from `axis` to the last
  RMSNormalization: (node, { g }) => {
    const [x, scale, y] = [...node.inputs, ...node.outputs] as [Value, Value, Value];
    const [square, mean, shifted, root, scores] = ['Mul', 'ReduceMean', 'Add', 'Sqrt', 'Div'].map((op) =>
      g.value(op),
    ) as [Value, Value, Value, Value, Value];
    return [
      plain('Mul', [x, x], [square]),
      plain('ReduceMean', [square, g.ints(axesFrom(node, x))], [mean], attrs({ keepdims: 1 })),
      plain('Add', [mean, scalarLike(g, x, floatAttr(node, 'epsilon', 1e-5))], [shifted]),
      plain('Sqrt', [shifted], [root]),
      plain('Div', [x, root], [scores]),
      plain('Mul', [scores, scale], [y]),
    ];
  },
};

/** Counted from the end, so that the rank need not be known where `axis` is negative. */
function axesFrom(node: Node, x: Value): number[] {
  const axis = intAttr(node, 'axis', -1);
  const rank = x.type?.shape?.length;
  if (axis >= 0 && rank === undefined) {
    throw unsupported(describe(node), 'expected a known rank or a negative axis; export with opset 21 or below');
  }
  const count = axis < 0 ? -axis : (rank as number) - axis;
  return Array.from({ length: count }, (_, i) => i - count);
}

const newOps = ['BitCast'];

/** Attributes that later opsets added, which change what a node computes. */
const newAttributes: Readonly<Record<string, readonly string[]>> = {
  Cast: ['round_mode'],
  DequantizeLinear: ['output_dtype'],
  QuantizeLinear: ['precision'],
};

/** @throws UserError (exit 3) for an op that has no form in opset 21. */
export function restamp(node: Node, context: UpgradeContext): readonly Node[] {
  if (Object.hasOwn(expansions, node.op)) return expansions[node.op]!(node, context);
  if (newOps.includes(node.op)) newSince21(node);
  const known = Object.hasOwn(newAttributes, node.op) ? newAttributes[node.op] : undefined;
  const added = known?.find((name) => node.attrs[name]);
  if (added)
    throw unsupported(describe(node), `attribute '${added}' is not in opset 21; export with opset 21 or below`);
  return [node];
}
