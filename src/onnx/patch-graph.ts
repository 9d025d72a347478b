/** A graph against what it was read from: kept records stay verbatim and in place, changed ones are patched inside. */
import type { Graph, Node, Value } from '../ir/types.js';
import type { Tensor } from '../tensor/tensor.js';
import { type Item, Patch } from './patch.js';
import { patchNode } from './patch-node.js';
import { toDense, toSparse } from './patch-storage.js';
import { type Patching, patchSparseTensor, patchTensor, sameTensor } from './patch-tensor.js';
import { ValueInfos } from './patch-values.js';
import { encodeFields, type Message } from './protobuf.js';
import type { NodeOrigin } from './read-graph.js';
import { delimited, readString } from './read-message.js';
import { Rope } from './rope.js';
import { fieldNumber } from './schema.js';
import { type Body, bodyOf, records } from './wire.js';
import { writeInitializer, writeNode } from './write-graph.js';

const number = (field: keyof Message<'GraphProto'>): number => fieldNumber('GraphProto', field);

/** @param old the graph as it was read from `body`. */
export function patchGraph(patching: Patching, body: Body, old: Graph, now: Graph): Rope[] {
  const patch = new Patch('GraphProto', body, patching.relocation);
  if (old === now) return patch.finish();
  if (old.name !== now.name) {
    patch.replace(patch.delimited(number('name')), new Rope().bytes(encodeFields('GraphProto', { name: now.name })));
  }
  patchNodes(patching, patch, number('node'), old.nodes, now.nodes);
  patchInitializers(patching, patch, old, now);
  const values = new ValueInfos(patch, old);
  values.patch(number('input'), now.inputs);
  values.patch(number('output'), now.outputs);
  values.patchInner(now);
  return patch.finish();
}

/** @param field of the nodes, in a graph or in a function. */
export function patchNodes(
  patching: Patching,
  patch: Patch,
  field: number,
  old: readonly Node[],
  now: readonly Node[],
): void {
  const slots = new Map(old.map((node, slot) => [node.origin, slot]));
  patch.sequence(
    field,
    now.map((node): Item => {
      const origin = node.origin as NodeOrigin | undefined;
      if (!origin) return { content: writeNode(node) };
      const slot = slots.get(origin);
      // a node from another graph (an inlined branch) brings its own bytes
      slots.delete(origin);
      if (slot === undefined) return { content: patchNode(patching, origin.body, origin.node, node) };
      return node === old[slot] ? { slot } : { slot, content: patchNode(patching, origin.body, origin.node, node) };
    }),
  );
}

function patchInitializers(patching: Patching, patch: Patch, old: Graph, now: Graph): void {
  const before = byName(old.initializers);
  const after = byName(now.initializers);
  const fields = { dense: number('initializer'), sparse: number('sparseInitializer') };
  const items: Record<keyof typeof fields, Item[]> = { dense: [], sparse: [] };
  for (const kind of ['dense', 'sparse'] as const) {
    for (const [slot, record] of patch.delimited(fields[kind]).entries()) {
      const body = bodyOf(patch.body.source, [record]);
      const name = kind === 'dense' ? tensorName(body) : sparseName(body);
      const tensor = after.get(name);
      if (!tensor) continue;
      const wanted = tensor.storage?.kind ?? kind;
      if (sameTensor(before.get(name), tensor)) items[kind].push({ slot });
      else if (wanted === kind) items[kind].push({ slot, content: changes[kind](patching, body, tensor) });
      else items[wanted].push({ content: moves[wanted](patching, body, tensor) });
    }
  }
  for (const [name, tensor] of after) {
    if (before.has(name)) continue;
    const kind = tensor.storage?.kind ?? 'dense';
    const place = kind === 'sparse' ? kind : patching.layout?.place(tensor, name);
    items[kind].push({ content: writeInitializer(tensor, name, place) });
  }
  patch.sequence(fields.dense, items.dense);
  patch.sequence(fields.sparse, items.sparse);
}

type Change = (patching: Patching, body: Body, tensor: Tensor) => Rope;

/** In the form that it had. */
const changes: Readonly<Record<'dense' | 'sparse', Change>> = {
  dense: (patching, body, tensor) => patchTensor(patching, body, tensor, 'initializer')[0]!,
  sparse: (patching, body, tensor) => patchSparseTensor(patching, body, tensor)[0]!,
};

const moves: Readonly<Record<'dense' | 'sparse', Change>> = { dense: toDense, sparse: toSparse };

const byName = (tensors: ReadonlyMap<Value, Tensor>): Map<string, Tensor> =>
  new Map([...tensors].map(([value, tensor]) => [value.name, tensor]));

const tensorName = (body: Body): string => readString(body, fieldNumber('TensorProto', 'name'));

function sparseName(body: Body): string {
  const values = delimited(records(body), fieldNumber('SparseTensorProto', 'values'));
  return tensorName(bodyOf(body.source, values));
}
