/** biasesFor: a bias behind each layer, where what removed units gave on average can go. */
import { consumers } from '../../ir/graph.js';
import { floatAttr, isDefaultDomain } from '../../ir/node.js';
import type { Graph, Node, Value } from '../../ir/types.js';
import { type Builder, builderFor } from '../../ops/builder.js';
import type { Layer } from '../../ops/layers.js';
import { tensorOf } from '../../tensor/convert.js';
import { sizeOf } from '../../tensor/dtype.js';

export interface BiasPlace {
  readonly value: Value;
  /** What stands before the bias over what stands before the product: other than 1 for Gemm only. */
  readonly step: number;
}

export interface Biased {
  /** The same function; layers that had no bias have one of zeros. */
  readonly graph: Graph;
  /** By name of the layer; those that are not there have no one place for it. */
  readonly places: ReadonlyMap<string, BiasPlace>;
}

/** Of layers that one node multiplies by: MatMul gets an Add behind it, the others have an input for a bias. */
export function biasesFor(graph: Graph, layers: readonly Layer[]): Biased {
  const g = builderFor(graph, 'compensated');
  const readers = consumers(graph);
  const made = new Map(graph.nodes.flatMap((node) => (node.outputs[0] ? [[node.outputs[0].name, node] as const] : [])));
  const places = new Map<string, BiasPlace>();
  const changed = new Map<Node, readonly Node[]>();
  for (const layer of layers) {
    const [use, ...others] = layer.uses;
    const node = use && others.length === 0 ? made.get(use.node.outputs[0]?.name ?? '') : undefined;
    if (!use || !node || !isDefaultDomain(node.domain) || use.input !== 1 || changed.has(node)) continue;
    const zeros = () => zerosFor(g, layer, use.dtype);
    if (node.op === 'MatMul' && layer.layout.stacks === 1) {
      const known = addedBehind(graph, readers, node, layer.layout.rows);
      if (!known) changed.set(node, withAdd(g, node, zeros()));
      places.set(layer.name, { value: known ?? lastInput(changed.get(node)!), step: 1 });
    } else if (/^(Gemm|Conv|ConvTranspose)$/.test(node.op)) {
      const step = node.op === 'Gemm' ? floatAttr(node, 'beta', 1) / floatAttr(node, 'alpha', 1) : 1;
      const given = node.inputs[2];
      if (!Number.isFinite(step) || step === 0 || (given && !isOwn(graph, readers, given, outputsOf(layer)))) continue;
      const value = given ?? zeros();
      if (!given) changed.set(node, [{ ...node, inputs: [node.inputs[0]!, node.inputs[1]!, value] }]);
      places.set(layer.name, { value, step });
    }
  }
  const nodes = graph.nodes.flatMap((node) => changed.get(node) ?? [node]);
  return { graph: { ...graph, nodes, initializers: new Map([...graph.initializers, ...g.initializers]) }, places };
}

const outputsOf = ({ layout: { stacks, rows } }: Layer): number => stacks * rows;

const zerosFor = (g: Builder, layer: Layer, dtype: Layer['dtype']): Value =>
  g.constant(tensorOf(dtype, [outputsOf(layer)], new Float32Array(outputsOf(layer))), `bias of ${layer.name}`);

const lastInput = (nodes: readonly Node[]): Value => nodes.at(-1)!.inputs[1]!;

/** The node's output keeps its name: it is that of the sum. */
function withAdd(g: Builder, node: Node, bias: Value): readonly Node[] {
  const product = g.value(`product of ${node.name || node.outputs[0]!.name}`);
  const sum: Node = {
    name: product.name,
    op: 'Add',
    domain: '',
    inputs: [product, bias],
    outputs: node.outputs,
    attrs: {},
  };
  return [{ ...node, outputs: [product] }, sum];
}

function addedBehind(
  graph: Graph,
  readers: ReturnType<typeof consumers>,
  node: Node,
  outputs: number,
): Value | undefined {
  const [behind, ...others] = readers.get(node.outputs[0]!) ?? [];
  if (behind?.op !== 'Add' || others.length > 0 || graph.outputs.includes(node.outputs[0]!)) return undefined;
  const other = behind.inputs.find((input) => input !== node.outputs[0]);
  return other && isOwn(graph, readers, other, outputs) ? other : undefined;
}

/** Stored, one number for each output along the last axis, and read by nothing else. */
function isOwn(graph: Graph, readers: ReturnType<typeof consumers>, value: Value, outputs: number): boolean {
  const shape = graph.initializers.get(value)?.shape;
  return (
    shape !== undefined && sizeOf(shape) === outputs && shape.at(-1) === outputs && readers.get(value)?.length === 1
  );
}
