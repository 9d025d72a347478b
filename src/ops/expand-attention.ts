/** Attention of ONNX Runtime's own domain as products and a Softmax; prompts, with or without a past that comes before. */
import { unsupported } from '../errors.js';
import { describe, floatAttr, intAttr, intsAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { after, attend, byHead, countOf, joined } from './attend.js';
import { masksOf } from './attention-masks.js';
import type { Tape } from './tape.js';

type Expanded = readonly (Value | null)[];
type Inputs = readonly (Value | null | undefined)[];

function refuse(node: Node, what: string): never {
  throw unsupported(describe(node), `its expansion does not know ${what}; export the model without`);
}

/** Query, key and value from one product with a weight [inputs, queries + keys + values]. */
export function expandAttention(g: Tape, node: Node): Expanded {
  const [x, weight, bias, mask, past, attentionBias] = node.inputs as Inputs;
  if (intAttr(node, 'do_rotary', 0) !== 0) refuse(node, 'do_rotary, which the runtime computes on a GPU only');
  if (intAttr(node, 'past_present_share_buffer', 0) !== 0)
    refuse(node, 'past_present_share_buffer, which the runtime computes on a GPU only');
  const heads = intAttr(node, 'num_heads', 1);
  const total = g.size(weight as Value, 1);
  if (total === undefined) refuse(node, 'a weight of unknown size');
  const sizes = intsAttr(node, 'qkv_hidden_sizes') ?? [total / 3, total / 3, total / 3];
  const present = node.outputs[1];
  if (present && sizes[1] !== sizes[2]) refuse(node, 'the output present for keys and values of different sizes');
  const product = g.matmul(x as Value, weight as Value);
  const all = bias ? g.add(product, bias) : product;
  const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((a, b) => a + b, 0));
  const [q, newK, newV] = sizes.map((size, i) =>
    byHead(g, g.slice(all, [ends[i]! - size], [ends[i]!], [2]), heads),
  ) as [Value, Value, Value];
  const before = past && g.size(past, 3) !== 0 ? past : null;
  const cached = (i: number): Value | null => before && g.squeeze(g.slice(before, [i], [i + 1], [0]), [0]);
  const behind = (old: Value | null, x: Value): Value => (old ? g.concat([old, x], 2) : x);
  const [k, v] = [behind(cached(0), newK), behind(cached(1), newV)];
  const masked = { query: x as Value, keys: k, mask, isOwn: true, past: before ? countOf(g, before, 3) : g.ints([0]) };
  const biases = [...masksOf(g, node, masked), ...(attentionBias ? [attentionBias] : [])];
  const { y } = attend(g, x as Value, q, k, v, { scale: scaleOf(node, (sizes[0] as number) / heads), biases });
  return [joined(g, y), present ? g.concat([g.unsqueeze(k, [0]), g.unsqueeze(v, [0])], 0) : null];
}

/**
 * Query, key and value apart; key and value may have their heads on an axis of their own (cross-attention). A past counts where
 * the present is an output: the kernel reads it there only.
 */
export function expandMultiHeadAttention(g: Tape, node: Node): Expanded {
  const [query, key, value, bias, mask, attentionBias, pastKey, pastValue] = node.inputs as Inputs;
  if (!query || !key || !value || g.rank(query) !== 3 || g.rank(key) === 5)
    refuse(node, 'packed query, key and value, which the runtime computes on a GPU only');
  if (node.inputs[8] || node.inputs[9])
    refuse(node, 'past_sequence_length, by which past and present share memory that a model does not have');
  const present = [node.outputs[1], node.outputs[2]].filter((output) => output).length;
  if (pastKey && present === 1) refuse(node, 'a past with one of present_key and present_value only');
  const heads = intAttr(node, 'num_heads', 1);
  const width = g.size(query, 2);
  if (width === undefined) refuse(node, 'a query of unknown size');
  const biased = (x: Value, from: number, size: number | undefined): Value =>
    bias && size !== undefined ? g.add(x, g.slice(bias, [from], [from + size], [0])) : x;
  const split = (x: Value, from: number): Value =>
    g.rank(x) === 4 ? x : byHead(g, biased(x, from, g.size(x, 2)), heads);
  const q = split(query, 0);
  const [oldKey, oldValue] = present === 2 ? [pastKey, pastValue] : [];
  const k = after(g, oldKey, split(key, width));
  const v = after(g, oldValue, split(value, 2 * width));
  const masked = {
    query,
    keys: k,
    mask,
    isOwn: g.rank(key) === 3 && isSame(g, query, key),
    past: oldKey && g.size(oldKey, 2) !== 0 ? countOf(g, oldKey, 2) : g.ints([0]),
  };
  const biases = [...masksOf(g, node, masked), ...(attentionBias ? [attentionBias] : [])];
  const { y, scores } = attend(g, query, q, k, v, { scale: scaleOf(node, width / heads), biases });
  return [joined(g, y), k, v, scores];
}

/** Whether two sequences have as many steps by their types. */
function isSame(g: Tape, a: Value, b: Value): boolean {
  const [left, right] = [a, b].map((x) => g.dims(x)[1]);
  return left === right && left !== null;
}

export const scaleOf = (node: Node, size: number): number => floatAttr(node, 'scale', 0) || 1 / Math.sqrt(size);
