/** kdTree: the nearest of many points without a look at each. */
import type { Metric } from './metrics.js';
import { type NearestSoFar, nearestSoFar } from './nearest-so-far.js';
import { rowsAt } from './points.js';

/** Points of one leaf. */
const leafSize = 16;

/** Points `order[from]` to `order[to - 1]`, and the least box around them. */
interface Branch {
  readonly from: number;
  readonly to: number;
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** None for a leaf. */
  readonly halves: readonly Branch[];
}

export type Search = (query: Float64Array, k: number, except: number) => NearestSoFar;

/**
 * Bentley, Multidimensional binary search trees used for associative searching (1975), split in the middle of the longest side.
 * A box's key is summed as a point's is, feature by feature, so that rounding cannot lift it above that of a point inside.
 */
export function kdTree(points: Float64Array, dimensions: number, metric: Metric): Search {
  const order = Int32Array.from({ length: points.length / dimensions }, (_, i) => i);
  const root = grow(points, dimensions, order, 0, order.length);
  // as the leaves have them, for the memory's sake
  const sorted = rowsAt(points, dimensions, order);
  return (query, k, except) => {
    const found = nearestSoFar(k);
    const visit = (branch: Branch): void => {
      if (branch.halves.length === 0) {
        for (let i = branch.from; i < branch.to; i++) {
          const index = order[i] as number;
          if (index !== except) found.offer(metric.key(query, sorted, i * dimensions, found.limit()), index);
        }
        return;
      }
      const [a, b] = branch.halves as [Branch, Branch];
      const keys = [boxKey(query, a, metric), boxKey(query, b, metric)] as const;
      const [near, far, nearKey, farKey] = keys[0] <= keys[1] ? [a, b, ...keys] : [b, a, keys[1], keys[0]];
      // a point at the limit itself may have the lower index
      if (nearKey <= found.limit()) visit(near);
      if (farKey <= found.limit()) visit(far);
    };
    visit(root);
    return found;
  };
}

function grow(points: Float64Array, d: number, order: Int32Array, from: number, to: number): Branch {
  const { low, high } = boxAround(points, d, order, from, to);
  const sides = high.map((h, i) => h - low[i]!);
  const axis = sides.indexOf(Math.max(...sides));
  if (to - from <= leafSize || sides[axis] === 0) return { from, to, low, high, halves: [] };
  const middle = part(points, d, order, from, to, axis, low[axis]! + sides[axis]! / 2);
  // neighbours in float64 may have no number between them
  if (middle === from || middle === to) return { from, to, low, high, halves: [] };
  return { from, to, low, high, halves: [grow(points, d, order, from, middle), grow(points, d, order, middle, to)] };
}

function boxAround(points: Float64Array, d: number, order: Int32Array, from: number, to: number) {
  const low = new Float64Array(d).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(d).fill(Number.NEGATIVE_INFINITY);
  for (let i = from; i < to; i++) {
    for (let k = 0, at = order[i]! * d; k < d; k++, at++) {
      if (points[at]! < low[k]!) low[k] = points[at]!;
      if (points[at]! > high[k]!) high[k] = points[at]!;
    }
  }
  return { low, high };
}

/** Points below `value` come first; the place of the first of the others. */
function part(
  points: Float64Array,
  d: number,
  order: Int32Array,
  from: number,
  to: number,
  axis: number,
  value: number,
): number {
  let end = to;
  for (let i = from; i < end; ) {
    if (points[order[i]! * d + axis]! < value) i++;
    else {
      end--;
      [order[i], order[end]] = [order[end]!, order[i]!];
    }
  }
  return end;
}

function boxKey(query: Float64Array, { low, high }: Branch, metric: Metric): number {
  let sum = 0;
  for (let i = 0; i < query.length; i++) {
    const x = query[i] as number;
    if (x < low[i]!) sum += metric.term(low[i]! - x);
    else if (x > high[i]!) sum += metric.term(x - high[i]!);
  }
  return sum;
}
