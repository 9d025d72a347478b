/** Emits two nodes for each that multiplies by a weight of which there are factors. */
import type { Attr, Graph, Node, Value } from '../../ir/types.js';
import { type Builder, builderFor } from '../../ops/builder.js';
import type { Layer } from '../../ops/layers.js';
import { fromMatrices } from '../../ops/layout.js';
import { permute } from '../../ops/permute.js';
import { tensorOf } from '../../tensor/convert.js';
import { edit } from '../edit.js';
import { untransposed } from '../quantise/products.js';
import { isConv } from '../quantise/sites.js';
import type { ConvertedTensor } from '../target.js';

/** W ≈ leftᵀ right. */
export interface Factors {
  readonly layer: Layer;
  readonly rank: number;
  /** [rank, rows] */
  readonly left: Float32Array;
  /** [rank, columns] */
  readonly right: Float32Array;
  /** The share, in norm, that the factors leave out of what they were fitted to. */
  readonly lost: number;
  readonly tensor: ConvertedTensor;
}

export function exchangeFactors(graph: Graph, factors: readonly Factors[]): Graph {
  const g = builderFor(graph, 'low-rank');
  const byNode = new Map(factors.flatMap((each) => each.layer.uses.map(({ node }) => [node, each] as const)));
  const stored = new Map<Factors, readonly [first: Value, second: Value]>();
  const exchange = (node: Node): Node => {
    const own = byNode.get(node);
    if (!own) return node;
    if (!stored.has(own)) stored.set(own, isConv(node) ? kernels(g, own) : matrices(g, own));
    const [first, second] = stored.get(own)!;
    const data = node.inputs[0]!;
    const rest = node.inputs.slice(2);
    if (isConv(node)) {
      const inner = g.op('Conv', [data, first], node.attrs);
      return { ...node, inputs: [inner, second, ...rest], attrs: pointwise(own.layer) };
    }
    return untransposed({ ...node, inputs: [g.matmul(data, first), second, ...rest] });
  };
  const gone = factors.map(({ layer }) => layer.weight);
  return edit(graph, g, exchange, gone);
}

/** x [.., columns] times [columns, rank], times [rank, rows]. */
function matrices(g: Builder, { layer, rank, left, right }: Factors): readonly [Value, Value] {
  const { rows, columns } = layer.layout;
  const turned = permute(right, [rank, columns], [1, 0]);
  return [
    g.constant(tensorOf(layer.dtype, [columns, rank], turned), `${layer.name}/first`),
    g.constant(tensorOf(layer.dtype, [rank, rows], left), `${layer.name}/second`),
  ];
}

/** A kernel of the same width to `rank` channels, and a pointwise one from these. */
function kernels(g: Builder, { layer, rank, left, right }: Factors): readonly [Value, Value] {
  const { layout, stored, dtype } = layer;
  const [rows, ...inner] = stored.shape as [number, ...number[]];
  const kernel = inner.slice(1);
  // the axes of [rows, channels, ...kernel], of which columns run over the kernel first
  const spatial = kernel.map((_, i) => i + 2);
  const view = [rank, ...inner];
  const perm = [0, ...spatial, 1];
  const first = fromMatrices({ ...layout, view, perm, rows: rank }, right);
  const second = permute(left, [rank, rows], [1, 0]);
  return [
    g.constant(tensorOf(dtype, view, first), `${layer.name}/first`),
    g.constant(tensorOf(dtype, [rows, rank, ...kernel.map(() => 1)], second), `${layer.name}/second`),
  ];
}

const pointwise = ({ stored }: Layer): Readonly<Record<string, Attr>> => ({
  kernel_shape: { kind: 'ints', value: stored.shape.slice(2).map(() => 1n) },
});
