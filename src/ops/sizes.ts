/** Arithmetic on sizes and indices: constants where they are fixed, small int64 nodes where the graph has to compute them. */
import type { Value } from '../ir/types.js';
import { dataOf, int64 } from '../tensor/tensor.js';
import type { Tape } from './tape.js';

/** The elements of a stored integer tensor (those beyond 2^53 are clamped), or undefined where it is computed. */
export function integersOf(g: Tape, x: Value | null | undefined): readonly number[] | undefined {
  const stored = g.tensorOf(x);
  return stored && Array.from(dataOf(stored), Number).map(clamp);
}

const clamp = (value: number): number => Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value));

/** Sizes of the axes from `start` to before `end`, as int64 [end - start]. */
export function span(g: Tape, x: Value, start = 0, end = g.rank(x)): Value {
  const sizes = g.dims(x).slice(start, end);
  const isFixed = sizes.every((size): size is number => typeof size === 'number');
  return isFixed ? g.ints(sizes) : g.op('Shape', [x], { start, end });
}

/** Integer vectors one after the other. */
export function joined(g: Tape, parts: readonly Value[]): Value {
  const stored = parts.map((part) => integersOf(g, part));
  return stored.every((part) => part !== undefined) ? g.ints(stored.flat()) : g.concat(parts, 0);
}

const operations = {
  Add: (a: number, b: number) => a + b,
  Sub: (a: number, b: number) => a - b,
  Mul: (a: number, b: number) => a * b,
  Min: Math.min,
  Max: Math.max,
};

/** An operation on two integer vectors of the same length, or one of them of length 1. */
export function integers(g: Tape, op: keyof typeof operations, a: Value, b: Value): Value {
  const [as, bs] = [integersOf(g, a), integersOf(g, b)];
  if (!as || !bs) return g.op(op, [a, b]);
  const length = as.length === 1 ? bs.length : as.length;
  const at = (list: readonly number[], i: number): number => list[list.length === 1 ? 0 : i] as number;
  return g.ints(Array.from({ length }, (_, i) => operations[op](at(as, i), at(bs, i))));
}

/** Those elements of an integer vector that stand at `places`. */
export function picked(g: Tape, vector: Value, places: Value): Value {
  const [list, at] = [integersOf(g, vector), integersOf(g, places)];
  return list && at ? g.ints(at.map((i) => list.at(i) as number)) : g.op('Gather', [vector, places]);
}

/** Integers as int64, where they may be int32. */
export function asInt64(g: Tape, x: Value): Value {
  if (g.dtype(x) === 'int64') return x;
  const stored = g.tensorOf(x);
  return stored ? g.constant(int64(stored.shape, integersOf(g, x) ?? [])) : g.cast(x, 'int64');
}

/** An axis counted from the front. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** 0, 1, ..., count - 1 as int64, with `count` of shape [1]. */
export function upTo(g: Tape, count: Value): Value {
  const [zero, one] = [0, 1].map((value) => g.constant(int64([], [value]))) as [Value, Value];
  const stored = integersOf(g, count);
  return g.op('Range', [zero, stored ? g.constant(int64([], stored)) : g.squeeze(count, [0]), one]);
}

/** Zeros in the element type of `x`, of a shape that may be computed. */
export const zeros = (g: Tape, x: Value, shape: Value): Value => g.op('Expand', [g.num(x, 0), shape]);
