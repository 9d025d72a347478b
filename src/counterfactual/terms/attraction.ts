/** attraction: the squared distance to a point that each instance has its own of, such as the weighted mean of its neighbours. */
import { squaredDistance } from './distance.js';
import { flat, type Term } from './term.js';

/** What the term is fed. */
export const attractorInput = 'scalpel/attractor';

/** @param attractors packed [rows, size]. */
export const attraction = (name: string, attractors: Float32Array, size: number): Term => {
  const ones = new Float32Array(size).fill(1);
  return {
    name,
    emit(g, scene, row) {
      const way = g.sub(flat(g, scene), row(attractorInput, size));
      return g.reduceSum(g.mul(way, way), [1]);
    },
    least: 0,
    value: (point, row) => squaredDistance(point, attractors.subarray(row * size, (row + 1) * size), ones),
  };
};
