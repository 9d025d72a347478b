/** The weight matrices of a graph: where each is stored, how it is laid out and what it multiplies. */
import { consumers, subgraphs } from '../ir/graph.js';
import type { Graph, Node, TensorType, Value } from '../ir/types.js';
import type { DataType } from '../tensor/dtype.js';
import type { Quantization } from '../tensor/quantized.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Builder } from './builder.js';
import { opOf } from './catalogue.js';
import { type Constants, constantsOf, passesOn, type Traced } from './constants.js';
import { layoutThrough, type MatrixLayout, sameLayout, shapeOf } from './layout.js';
import type { WeightContext, WeightSlot } from './op.js';

/** A stored weight and everything that multiplies by it. */
export interface Layer {
  /** The name of the initializer, or of the output of the Constant node. */
  readonly name: string;
  readonly weight: Value;
  readonly stored: Tensor;
  readonly layout: MatrixLayout;
  readonly uses: readonly Use[];
  /** As stored. */
  readonly dtype: DataType;
  /** Present where the model dequantises the stored integers. */
  readonly quantization?: Quantization;
  /** 'embedding-tied' when the stored tensor is also read as data: by Gather, as a graph output, by a subgraph. */
  readonly role: 'matrix' | 'embedding-tied';
  /** How many elements it has. */
  readonly positions: number;
}

/** One node's multiplication by a layer. */
export interface Use {
  readonly node: Node;
  /** Which input of the node the weight arrives at. */
  readonly input: number;
  /** Element type of the weight as the node gets it, which its data has too. */
  readonly dtype: DataType;
  /** What the weight multiplies, before it is arranged into columns; null where the node keeps it inside. */
  readonly data: Value | null;
  /** Equal keys see equal columns. */
  readonly key: string;
  /** Emits what the matrices multiply, as float32 [stacks, samples, columns]. */
  columns(g: Builder): Value;
}

export interface Skipped {
  readonly node: Node;
  readonly reason: string;
  /** Set where it stands, or is stored, inside a branch, a loop or a function. */
  readonly isInside?: true;
}

/**
 * All weight matrices of a graph in the order of their first use, and the nodes whose weights cannot be worked on.
 * @param types of values, where known beyond what the values carry; only ranks are used.
 */
export function findLayers(
  graph: Graph,
  types?: ReadonlyMap<Value, TensorType>,
): { layers: readonly Layer[]; skipped: readonly Skipped[] } {
  const constants = constantsOf(graph);
  const context = contextOf(constants, types);
  const skipped: Skipped[] = [];
  const found = new Map<Value, Found[]>();
  for (const node of graph.nodes) {
    for (const result of weightsOf(node, context, constants)) {
      if (typeof result === 'string') skipped.push({ node, reason: result });
      else found.set(result.traced.root, [...(found.get(result.traced.root) ?? []), result]);
    }
    skipped.push(...insideOf(node, context));
  }
  const readers = consumers(graph);
  const layers = [...found.values()].flatMap((uses) => {
    const reason = conflictOf(uses);
    if (reason === null) return [layerOf(graph, uses, readers)];
    skipped.push(...uses.map(({ use }) => ({ node: use.node, reason })));
    return [];
  });
  return { layers, skipped };
}

interface Found {
  readonly traced: Traced;
  readonly layout: MatrixLayout;
  readonly use: Use;
}

const contextOf = (constants: Constants, types?: ReadonlyMap<Value, TensorType>): WeightContext => ({
  isConstant: constants.isConstant,
  rank: (value) => (value.type?.shape ?? types?.get(value)?.shape)?.length,
});

function weightsOf(node: Node, context: WeightContext, constants: Constants): readonly (Found | string)[] {
  const slots = opOf(node)?.weights?.(node, context) ?? [];
  return typeof slots === 'string' ? [slots] : slots.map((slot) => foundAt(node, slot, constants));
}

function foundAt(node: Node, slot: WeightSlot, constants: Constants): Found | string {
  const traced = constants.trace(node.inputs[slot.input] as Value);
  if (typeof traced === 'string') return traced;
  const shape = shapeOf(traced.seen);
  const matrix = slot.matrix(shape);
  if (typeof matrix === 'string') return matrix;
  if (matrix.stacks * matrix.rows * matrix.columns === 0) return `its weight of shape [${shape}] is empty`;
  if (!traced.quantization && !floats.includes(traced.stored.dtype)) {
    return `its weight is stored as ${traced.stored.dtype} without a DequantizeLinear`;
  }
  const layout = layoutThrough(traced.seen, matrix);
  if (!layout) return `its weight of shape [${shape}] is reshaped across rows and columns`;
  const { input, data } = slot;
  const columns = (g: Builder): Value => {
    const made = slot.columns(g, shape);
    return traced.dtype === 'float32' ? made : g.op('Cast', [made], { to: 1 });
  };
  return { traced, layout, use: { node, input, dtype: traced.dtype, data, key: slot.key(shape), columns } };
}

const floats: readonly DataType[] = ['float32', 'float16', 'bfloat16', 'float64'];

/** Nodes in the subgraphs of a node whose weights would be layers if they stood outside. */
function insideOf(node: Node, context: WeightContext): Skipped[] {
  return subgraphs(node).flatMap((body) => {
    const local = constantsOf(body);
    const inner = contextOf({ ...local, isConstant: (v) => local.isConstant(v) || context.isConstant(v) });
    return body.nodes.flatMap((held) => {
      const slots = opOf(held)?.weights?.(held, inner) ?? [];
      const reason = `it stands in a subgraph of ${node.op} '${node.name}'`;
      return [...(slots.length > 0 ? [{ node: held, reason, isInside: true as const }] : []), ...insideOf(held, inner)];
    });
  });
}

function conflictOf([first, ...others]: readonly Found[]): string | null {
  const differs = others.find(({ layout }) => !sameLayout(layout, first!.layout));
  if (differs) {
    return `its weight '${first!.traced.root.name}' is used with different layouts, by ${first!.use.node.op} '${first!.use.node.name}' and ${differs.use.node.op} '${differs.use.node.name}'`;
  }
  const isSame = (q?: Quantization): boolean => JSON.stringify(q) === JSON.stringify(first!.traced.quantization);
  return others.every(({ traced }) => isSame(traced.quantization))
    ? null
    : `its weight '${first!.traced.root.name}' is dequantised in different ways`;
}

function layerOf(graph: Graph, found: readonly Found[], readers: ReadonlyMap<Value, readonly Node[]>): Layer {
  const { traced, layout } = found[0]!;
  const { root, stored, quantization } = traced;
  const uses = found.map(({ use }) => use);
  return {
    name: root.name,
    weight: root,
    stored,
    layout,
    uses,
    dtype: stored.dtype,
    ...(quantization ? { quantization } : {}),
    role: isReadElsewhere(root, graph, uses, readers) ? 'embedding-tied' : 'matrix',
    positions: layout.stacks * layout.rows * layout.columns,
  };
}

/** Whether anything but the uses reads the elements of a value, itself or passed on. */
function isReadElsewhere(
  value: Value,
  graph: Graph,
  uses: readonly Use[],
  readers: ReadonlyMap<Value, readonly Node[]>,
): boolean {
  if (graph.outputs.includes(value)) return true;
  return (readers.get(value) ?? []).some((node) => {
    if (node.op === 'Shape' || node.op === 'Size') return false;
    if (passesOn(node) && node.inputs[0] === value) {
      return isReadElsewhere(node.outputs[0] as Value, graph, uses, readers);
    }
    const at = node.inputs.flatMap((input, i) => (input === value ? [i] : []));
    return at.length === 0 || !at.every((i) => uses.some((use) => use.node === node && use.input === i));
  });
}
