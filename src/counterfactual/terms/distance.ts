/** distance: the sum of squared changes, each weighed by the cost of its feature. */
import type { Term } from './term.js';
import { flat } from './term.js';

/** What the term is fed: the instances themselves. */
export const originInput = 'scalpel/origin';

/** @param x packed instances. @param weights one an element. */
export const distance = (x: Float32Array, weights: Float32Array): Term => {
  const size = weights.length;
  return {
    name: 'distance',
    emit(g, scene, row) {
      const change = g.sub(flat(g, scene), row(originInput, size));
      const weighed = weights.every((weight) => weight === 1)
        ? change
        : g.mul(change, g.floats(weights.map(Math.sqrt)));
      return g.reduceSum(g.mul(weighed, weighed), [1]);
    },
    least: 0,
    value: (point, row) => squaredDistance(point, x.subarray(row * size, (row + 1) * size), weights),
  };
};

export function squaredDistance(a: Float32Array, b: Float32Array, weights: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += weights[i]! * (a[i]! - b[i]!) ** 2;
  return sum;
}
