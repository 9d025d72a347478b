/** proximity: the sum of absolute changes, each in a unit of its own. */

import { originInput } from './distance.js';
import type { Term } from './term.js';
import { flat } from './term.js';

/** @param x packed instances. @param weights one over the unit of each element. */
export const proximity = (x: Float32Array, weights: Float32Array): Term => {
  const size = weights.length;
  return {
    name: 'proximity',
    emit: (g, scene, row) =>
      g.reduceSum(g.mul(g.op('Abs', [g.sub(flat(g, scene), row(originInput, size))]), g.floats(weights)), [1]),
    value: (point, row) => point.reduce((sum, value, i) => sum + weights[i]! * Math.abs(value - x[row * size + i]!), 0),
  };
};
