/** Attention of ONNX Runtime's own domain as products and a Softmax; prompts, with or without a past that comes before. */
import { unsupported } from '../errors.js';
import { describe, floatAttr, intAttr, intsAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { rotate } from './expand-rotary.js';
import type { Tape } from './tape.js';

type Expanded = readonly (Value | null)[];

const isGiven = (value: Value | null | undefined): value is Value => value !== null && value !== undefined;

function refuse(node: Node, what: string): never {
  throw unsupported(describe(node), `its expansion does not know ${what}; export the model without`);
}

function refuseInputs(node: Node, names: Readonly<Record<number, string>>): void {
  for (const [i, name] of Object.entries(names)) if (isGiven(node.inputs[Number(i)])) refuse(node, `the input ${name}`);
}

/** Query, key and value from one product with a weight [inputs, queries + keys + values]. */
export function expandAttention(g: Tape, node: Node): Expanded {
  const [x, weight, bias, mask, , attentionBias] = node.inputs as readonly (Value | null | undefined)[];
  if (intAttr(node, 'do_rotary', 0) !== 0) refuse(node, 'do_rotary');
  refuseInputs(node, { 4: 'past', 6: 'past_sequence_length' });
  const heads = intAttr(node, 'num_heads', 1);
  const total = g.size(weight as Value, 1);
  if (total === undefined) refuse(node, 'a weight of unknown size');
  const sizes = intsAttr(node, 'qkv_hidden_sizes') ?? [total / 3, total / 3, total / 3];
  const product = g.matmul(x as Value, weight as Value);
  const all = bias ? g.add(product, bias) : product;
  const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((a, b) => a + b, 0));
  const [q, k, v] = sizes.map((size, i) => byHead(g, g.slice(all, [ends[i]! - size], [ends[i]!], [2]), heads)) as [
    Value,
    Value,
    Value,
  ];
  const biases = [
    ...maskBias(g, node, mask, x as Value, x as Value),
    ...(attentionBias ? [attentionBias] : []),
    ...(intAttr(node, 'unidirectional', 0) !== 0 ? [causal(g, x as Value, q, k)] : []),
  ];
  const scale = scaleOf(node, (sizes[0] as number) / heads);
  const y = joined(g, attend(g, x as Value, q, k, v, { scale, biases }));
  return [y, node.outputs[1] ? g.concat([g.unsqueeze(k, [0]), g.unsqueeze(v, [0])], 0) : null];
}

/** Query, key and value apart; key and value may have their heads on an axis of their own (cross-attention). */
export function expandMultiHeadAttention(g: Tape, node: Node): Expanded {
  const [query, key, value, bias, mask, attentionBias, pastKey, pastValue] = node.inputs as (
    | Value
    | null
    | undefined
  )[];
  if (!query || !key || !value || g.rank(query) !== 3) refuse(node, 'packed query, key and value');
  refuseInputs(node, { 8: 'past_sequence_length', 9: 'cache_indirection' });
  const heads = intAttr(node, 'num_heads', 1);
  const width = g.size(query, 2);
  if (width === undefined) refuse(node, 'a query of unknown size');
  const biased = (x: Value, from: number, size: number | undefined): Value =>
    bias && size !== undefined ? g.add(x, g.slice(bias, [from], [from + size], [0])) : x;
  const split = (x: Value, from: number): Value =>
    g.rank(x) === 4 ? x : byHead(g, biased(x, from, g.size(x, 2)), heads);
  const q = split(query, 0);
  const k = after(g, pastKey, split(key, width));
  const v = after(g, pastValue, split(value, 2 * width));
  const biases = [
    ...maskBias(g, node, mask, query, key),
    ...(attentionBias ? [attentionBias] : []),
    ...(intAttr(node, 'unidirectional', 0) !== 0 ? [causal(g, query, q, k)] : []),
  ];
  return [joined(g, attend(g, query, q, k, v, { scale: scaleOf(node, width / heads), biases })), k, v];
}

/** Several queries share a key and a value. Every sequence of the batch is taken to be as long as the longest. */
export function expandGroupQueryAttention(g: Tape, node: Node): Expanded {
  const [query, key, value, pastKey, pastValue, , , cos, sin, positions, attentionBias] = node.inputs as (
    | Value
    | null
    | undefined
  )[];
  if (!query) refuse(node, 'a query left out');
  refuseInputs(node, { 11: 'head_sink', 12: 'k_scale', 13: 'v_scale' });
  if (intAttr(node, 'smooth_softmax', 0) > 0) refuse(node, 'smooth_softmax');
  const heads = intAttr(node, 'num_heads', 1);
  const kvHeads = intAttr(node, 'kv_num_heads', heads);
  const width = g.size(query, 2);
  if (width === undefined) refuse(node, 'a query of unknown size');
  const size = key ? width / heads : width / (heads + 2 * kvHeads);
  const cut = (from: number, count: number): Value => g.slice(query, [from * size], [(from + count) * size], [2]);
  const parts = key
    ? [query, key, value as Value]
    : [cut(0, heads), cut(heads, kvHeads), cut(heads + kvHeads, kvHeads)];
  const [rawQ, rawK, newV] = parts.map((x, i) => byHead(g, x as Value, i === 0 ? heads : kvHeads)) as [
    Value,
    Value,
    Value,
  ];
  const turn = (x: Value): Value => {
    if (intAttr(node, 'do_rotary', 0) === 0) return x;
    const isInterleaved = intAttr(node, 'rotary_interleaved', 0) !== 0;
    const at = positions ?? placesOf(g, query, pastKey);
    const half = g.size(cos as Value, 1);
    if (half === undefined) refuse(node, 'a cos_cache of unknown size');
    return rotate(g, x, at, cos as Value, sin as Value, { isInterleaved, half, size });
  };
  const q = turn(rawQ);
  const k = after(g, pastKey, turn(rawK));
  const v = after(g, pastValue, newV);
  const window = intAttr(node, 'local_window_size', -1);
  const shared = heads !== kvHeads;
  const bias = attentionBias && shared ? splitHeads(g, node, attentionBias, heads, kvHeads) : attentionBias;
  const biases = [causal(g, query, q, k, window), ...(bias ? [bias] : [])];
  const options = { scale: scaleOf(node, size), biases, softcap: floatAttr(node, 'softcap', 0) };
  if (!shared) return [joined(g, attend(g, query, q, k, v, options)), k, v];
  const grouped = g.reshape(q, [0, kvHeads, heads / kvHeads, -1, size]);
  const y = attend(g, query, grouped, g.unsqueeze(k, [2]), g.unsqueeze(v, [2]), { ...options, isGrouped: true });
  return [g.reshape(g.transpose(y, [0, 3, 1, 2, 4]), [0, 0, -1]), k, v];
}

/** [batch, heads or 1, queries, keys] for heads in groups. */
function splitHeads(g: Tape, node: Node, bias: Value, heads: number, kvHeads: number): Value {
  if (g.size(bias, 1) === 1) return g.unsqueeze(bias, [2]);
  const keys = g.size(bias, 3);
  if (keys === undefined) refuse(node, 'an attention_bias of unknown size');
  return g.reshape(bias, [0, kvHeads, heads / kvHeads, -1, keys]);
}

interface AttendOptions {
  /** Whether heads stand in groups, on an axis of their own. */
  readonly isGrouped?: boolean;
  readonly scale: number;
  readonly biases: readonly Value[];
  readonly softcap?: number;
}

/** softmax(scale q k' + biases) v; like `x` in element type. */
function attend(
  g: Tape,
  x: Value,
  q: Value,
  k: Value,
  v: Value,
  { scale, biases, softcap = 0, isGrouped = false }: AttendOptions,
): Value {
  const turned = g.transpose(k, isGrouped ? [0, 1, 2, 4, 3] : [0, 1, 3, 2]);
  const scores = g.matmul(g.mul(q, g.num(x, scale)), turned);
  const capped = softcap > 0 ? g.mul(g.op('Tanh', [g.div(scores, g.num(x, softcap))]), g.num(x, softcap)) : scores;
  const shifted = biases.reduce((sum, bias) => g.add(sum, bias), capped);
  return g.matmul(g.op('Softmax', [shifted], { axis: -1 }), v);
}

const scaleOf = (node: Node, size: number): number => floatAttr(node, 'scale', 0) || 1 / Math.sqrt(size);

/** [batch, steps, heads * size] as [batch, heads, steps, size]. */
const byHead = (g: Tape, x: Value, heads: number): Value => g.transpose(g.reshape(x, [0, 0, heads, -1]), [0, 2, 1, 3]);

const joined = (g: Tape, y: Value): Value => g.reshape(g.transpose(y, [0, 2, 1, 3]), [0, 0, -1]);

/** `x` behind the steps of a past, which most often has none. */
const after = (g: Tape, past: Value | null | undefined, x: Value): Value =>
  !past || g.size(past, 2) === 0 ? x : g.concat([past, x], 2);

/** Places of the queries: 0, 1, ... or on from the past, as [1, steps]. */
function placesOf(g: Tape, query: Value, past: Value | null | undefined): Value {
  const steps = g.op('Shape', [query], { start: 1, end: 2 });
  const start = past && g.size(past, 2) !== 0 ? g.op('Shape', [past], { start: 2, end: 3 }) : g.ints([0]);
  return g.unsqueeze(counting(g, start, g.add(start, steps)), [0]);
}

/** start, start + 1, ..., end - 1; both given as [1]. */
function counting(g: Tape, start: Value, end: Value): Value {
  const scalar = (value: Value): Value => g.squeeze(value, [0]);
  return g.op('Range', [scalar(start), scalar(end), scalar(g.ints([1]))]);
}

/** -1e9 where a key comes after its query (or lies `window` or more before it), else 0: [queries, keys]. */
function causal(g: Tape, x: Value, q: Value, k: Value, window = -1): Value {
  const [queries, keys] = [q, k].map((each) => g.op('Shape', [each], { start: 2, end: 3 })) as [Value, Value];
  const rows = g.unsqueeze(counting(g, g.sub(keys, queries), keys), [1]);
  const columns = g.unsqueeze(counting(g, g.ints([0]), keys), [0]);
  const seen = g.op('LessOrEqual', [columns, rows]);
  const near = window < 0 ? seen : g.op('And', [seen, g.op('Greater', [columns, g.sub(rows, g.ints([window]))])]);
  return hiding(g, x, near, -1e9);
}

/** 0 where `seen`, `filter` elsewhere, in the element type of `x`. */
const hiding = (g: Tape, x: Value, seen: Value, filter: number): Value =>
  g.mul(g.sub(g.num(x, 1), g.cast(seen, g.dtype(x))), g.num(x, filter));

/** Key lengths [batch], or 0 and 1 as [batch, keys] or [batch, queries, keys], as what is added to the scores. */
function maskBias(g: Tape, node: Node, mask: Value | null | undefined, x: Value, keys: Value): Value[] {
  if (!mask) return [];
  const filter = floatAttr(node, 'mask_filter_value', -10000);
  const rank = g.rank(mask);
  if (rank === 2) return [hiding(g, x, g.unsqueeze(g.cast(mask, 'bool'), [1, 2]), filter)];
  if (rank === 3) return [hiding(g, x, g.unsqueeze(g.cast(mask, 'bool'), [1]), filter)];
  if (rank !== 1 || g.size(mask, 0) === undefined || g.size(mask, 0) !== g.size(x, 0)) {
    refuse(node, 'this form of mask');
  }
  const axis = g.rank(keys) === 4 ? 2 : 1;
  const count = g.op('Shape', [keys], { start: axis, end: axis + 1 });
  const columns = counting(g, g.ints([0]), count);
  const seen = g.op('Less', [columns, g.unsqueeze(g.cast(mask, 'int64'), [1])]);
  return [hiding(g, x, g.unsqueeze(seen, [1, 2]), filter)];
}
