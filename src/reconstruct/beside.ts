/** addBeside: low-rank changes of layers as nodes of the model, beside the products that they change. */
import { UserError, unsupported } from '../errors.js';
import { floatAttr, intAttr } from '../ir/node.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { type Builder, builderFor } from '../ops/builder.js';
import type { Layer, Use } from '../ops/layers.js';
import { permute } from '../ops/permute.js';
import { encode, floatsOf } from '../tensor/convert.js';
import type { DataType } from '../tensor/dtype.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import type { LowRank } from './solver.js';
import { usesWithin } from './uses-within.js';

/** Why nothing can be added beside a layer; null where it can. */
export function refusesBeside({ uses, quantization, dtype }: Layer): string | null {
  const other = uses.find(({ node: { op, domain } }) => domain !== '' || !(op === 'MatMul' || op === 'Gemm'));
  if (other)
    return `low-rank nodes stand beside MatMul and Gemm only, not ${other.node.op}; exclude the layer, or take mask-lora`;
  if (quantization) return `its weight is stored as ${dtype} behind a DequantizeLinear; exclude the layer`;
  return null;
}

/**
 * `graph` with scale · B A x added to every product of the layers in it; weights stay as they are, to the bit.
 * @param layers found in `graph`, or in one that it is a part of; @param added by name of the layer.
 * @throws UserError for a name that no layer has, and, unsupported, for a layer that takes nothing beside it.
 */
export function addBeside(graph: Graph, layers: readonly Layer[], added: ReadonlyMap<string, LowRank>): Graph {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const g = builderFor(graph, 'lora');
  const replaced = new Map<Node, readonly Node[]>();
  for (const [name, change] of added) {
    const layer = byName.get(name);
    if (!layer) throw new UserError(`lora '${name}'`, 'expected a layer of the model, found none of that name');
    const reason = refusesBeside(layer);
    if (reason) throw unsupported(`lora '${name}'`, reason);
    const hold = holder(g, name);
    for (const use of usesWithin(graph, layer)) replaced.set(use.node, besideOne(g, layer, use, change, hold));
  }
  return {
    ...graph,
    nodes: graph.nodes.flatMap((node) => replaced.get(node) ?? [node]),
    initializers: new Map([...graph.initializers, ...g.initializers]),
  };
}

/** The node of a use and those that come after it: what it gave is their sum now. */
function besideOne(g: Builder, layer: Layer, use: Use, change: LowRank, hold: Hold): readonly Node[] {
  const from = g.nodes.length;
  const output = use.node.outputs[0] as Value;
  const product = g.value(output.name, output.type);
  const extra = emitChange(g, layer, use, change, hold);
  const { name } = g.value('add');
  g.nodes.push({ name, op: 'Add', domain: '', inputs: [product, extra], outputs: [output], attrs: {} });
  return [{ ...use.node, outputs: [product] }, ...g.nodes.slice(from)];
}

/** A constant by what it is; those that several uses share are held once. */
type Hold = (type: DataType, shape: readonly number[], values: Float32Array, hint: string) => Value;

function holder(g: Builder, name: string): Hold {
  const held = new Map<string, Value>();
  return (type, shape, values, hint) => {
    const t = tensor(type, shape, encode(type, values));
    const key = `${hint} ${type} ${shape} ${Buffer.from(t.payload.read()).toString('base64')}`;
    const known = held.get(key) ?? g.constant(t, `${name}/${hint}`);
    held.set(key, known);
    return known;
  };
}

/** The thin matrix next to the data comes first, so that nothing as large as the weight is ever made. */
function emitChange(g: Builder, { layout }: Layer, use: Use, { A, B, scale }: LowRank, hold: Hold): Value {
  const { node, input, dtype } = use;
  const { rows, columns } = layout;
  const rank = A.shape[1] as number;
  const isGemm = node.op === 'Gemm';
  const factor = scale * (isGemm ? floatAttr(node, 'alpha', 1) : 1);
  const turned = (t: Tensor, shape: readonly number[]): Float32Array => permute(floatsOf(t), shape, [1, 0]);
  const larger = (values: Float32Array): Float32Array => values.map((value) => value * factor);
  const data = node.inputs[1 - input] as Value;
  if (input === 1) {
    const a = hold(dtype, [columns, rank], turned(A, [rank, columns]), 'A');
    const b = hold(dtype, [rank, rows], larger(turned(B, [rows, rank])), 'B');
    const isTurned = isGemm && intAttr(node, 'transA', 0) !== 0;
    return g.matmul(g.matmul(isTurned ? g.transpose(data, [1, 0]) : data, a), b);
  }
  const a = hold(dtype, [rank, columns], floatsOf(A), 'A');
  const b = hold(dtype, [rows, rank], larger(floatsOf(B)), 'B');
  const isTurned = isGemm && intAttr(node, 'transB', 0) !== 0;
  return g.matmul(b, g.matmul(a, isTurned ? g.transpose(data, [1, 0]) : data));
}
