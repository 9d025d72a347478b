/** What a part of a network mostly does, and when two parts are the same. */
import { isDefaultDomain } from '../ir/node.js';
import type { Node } from '../ir/types.js';
import type { Layer } from '../ops/layers.js';
import type { Flow } from './flow.js';
import type { RegionKind } from './region.js';
import { ancestors, dataGraph, descendants } from './walk.js';

/** Single nodes that hold a whole attention. */
const fusedAttention = new Set([
  ...['Attention', 'MultiHeadAttention', 'GroupQueryAttention', 'DecoderMaskedMultiHeadAttention', 'QAttention'],
  ...['PackedAttention', 'PackedMultiHeadAttention', 'PagedAttention', 'SparseAttention', 'LongformerAttention'],
  ...['DecoderAttention', 'DecoderMaskedSelfAttention', 'LinearAttention'],
]);

const products = new Set(['MatMul', 'Einsum', 'FusedMatMul', 'TransposeMatMul', 'MatMulInteger']);
const recurrences = new Set(['LSTM', 'GRU', 'RNN']);
const convolutions = new Set(['Conv', 'ConvTranspose', 'FusedConv', 'QLinearConv', 'ConvInteger', 'NhwcConv']);

/** @param isLayer whether a node reads a prunable weight. */
export function kindOf(flow: Flow, nodes: readonly Node[], isLayer: (node: Node) => boolean): RegionKind {
  const attention = nodes.filter((node) => isAttention(flow, node));
  if (attention.length > 0) return holdsMlp(flow, nodes, attention, isLayer) ? 'block' : 'attention';
  const ops = nodes.filter(isLayer).map(({ op }) => op);
  if (ops.some((op) => recurrences.has(op))) return 'recurrent';
  if (ops.some((op) => convolutions.has(op))) return 'conv';
  return ops.length > 0 ? 'mlp' : 'other';
}

/** Whether a layer follows another without an attention behind it: after an attention alone comes its projection only. */
function holdsMlp(
  flow: Flow,
  nodes: readonly Node[],
  attention: readonly Node[],
  isLayer: (node: Node) => boolean,
): boolean {
  const graph = dataGraph(flow, nodes);
  const core = new Set(attention);
  const before = ancestors(graph, new Set(attention.flatMap((node) => graph.reads(node))));
  const others = nodes.filter((node) => isLayer(node) && !core.has(node) && !before.has(node));
  const after = descendants(
    graph,
    others.flatMap((node) => graph.makes(node)),
  );
  return others.some((node) => after.has(node));
}

/** A fused attention, or a product of two values that both carry data. */
export function isAttention(flow: Flow, node: Node): boolean {
  if (fusedAttention.has(node.op)) return true;
  const isProduct = products.has(node.op) && (isDefaultDomain(node.domain) || node.domain === 'com.microsoft');
  return isProduct && node.inputs.filter((value) => value && flow.kinds.get(value) === 'data').length > 1;
}

/** Equal for parts with the same layers and the same ops on data, in whatever order the file lists them. */
export function signatureOf(flow: Flow, nodes: readonly Node[], layers: readonly Layer[]): string {
  const carrying = nodes.filter(({ outputs }) => outputs.some((value) => value && flow.kinds.get(value) === 'data'));
  const ops = carrying.map(({ op, domain }) => `${domain}:${op}`).sort();
  const shapes = layers.map(({ stored }) => stored.shape.join('x')).sort();
  return `${ops.join()} ${shapes.join()}`;
}
