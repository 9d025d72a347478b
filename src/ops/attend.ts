/** What the expansions of fused attention share: heads, masks, and the product of scores and values. */
import type { Value } from '../ir/types.js';
import type { Tape } from './tape.js';

export interface AttendOptions {
  /** Whether heads stand in groups, on an axis of their own. */
  readonly isGrouped?: boolean;
  readonly scale: number;
  /** Added to the scores, one after the other. */
  readonly biases: readonly Value[];
  /** Scores are kept below it by Tanh; 0 for none. */
  readonly softcap?: number;
  /** A score that takes its share of each row and has no value; broadcast to [..., heads, 1, 1]. */
  readonly sink?: Value;
  /** Weights are times this: 1 where a key is seen, 0 elsewhere. For rows that may see none, of which the result is 0. */
  readonly seen?: Value;
}

export interface Attended {
  readonly y: Value;
  /** With cap and biases, before the Softmax. */
  readonly scores: Value;
  readonly weights: Value;
}

/** softmax(scale q k' + biases) v; like `x` in element type. */
export function attend(
  g: Tape,
  x: Value,
  q: Value,
  k: Value,
  v: Value,
  { scale, biases, softcap = 0, isGrouped = false, sink, seen }: AttendOptions,
): Attended {
  const turned = g.transpose(k, isGrouped ? [0, 1, 2, 4, 3] : [0, 1, 3, 2]);
  const plain = g.matmul(g.mul(q, g.num(x, scale)), turned);
  const capped = softcap > 0 ? g.mul(g.op('Tanh', [g.div(plain, g.num(x, softcap))]), g.num(x, softcap)) : plain;
  const scores = biases.reduce((sum, bias) => g.add(sum, bias), capped);
  const shares = sink ? sunk(g, scores, sink) : g.op('Softmax', [scores], { axis: -1 });
  const weights = seen ? g.mul(shares, seen) : shares;
  return { y: g.matmul(weights, v), scores, weights };
}

/** The Softmax of each row with the sink behind it, without the sink's share. */
function sunk(g: Tape, scores: Value, sink: Value): Value {
  const rows = g.op('Concat', [g.op('Shape', [scores], { start: 0, end: -1 }), g.ints([1])], { axis: 0 });
  const all = g.op('Concat', [scores, g.op('Expand', [sink, rows])], { axis: -1 });
  return g.slice(g.op('Softmax', [all], { axis: -1 }), [0], [-1], [-1]);
}

/** [batch, steps, heads * size] as [batch, heads, steps, size]. */
export const byHead = (g: Tape, x: Value, heads: number): Value =>
  g.transpose(g.reshape(x, [0, 0, heads, -1]), [0, 2, 1, 3]);

export const joined = (g: Tape, y: Value): Value => g.reshape(g.transpose(y, [0, 2, 1, 3]), [0, 0, -1]);

/** `x` behind the steps of a past, which most often has none. */
export const after = (g: Tape, past: Value | null | undefined, x: Value): Value =>
  !past || g.size(past, 2) === 0 ? x : g.concat([past, x], 2);

/** How many there are along an axis, as int64 [1]. */
export function countOf(g: Tape, x: Value, axis: number): Value {
  const size = g.isOpaque(x) ? undefined : g.size(x, axis);
  return size === undefined ? g.op('Shape', [x], { start: axis, end: axis + 1 }) : g.ints([size]);
}

/** start, start + 1, ..., end - 1; both given as [1]. */
export function counting(g: Tape, start: Value, end: Value): Value {
  const scalar = (value: Value): Value => g.squeeze(value, [0]);
  return g.op('Range', [scalar(start), scalar(end), scalar(g.ints([1]))]);
}

/** 0 where `seen`, `filter` elsewhere, in the element type of `x`. */
export const hiding = (g: Tape, x: Value, seen: Value, filter: number): Value =>
  g.mul(g.sub(g.num(x, 1), g.cast(seen, g.dtype(x))), g.num(x, filter));

/** What hides a key for good: large, and finite in every float type. */
export const never = -1e9;
