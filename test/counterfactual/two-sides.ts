/** A linear classifier of two classes in [0, 1], whose least changes by l1 and l2 are known exactly. */

import type { Wish } from '../../src/counterfactual/ground/goals.js';
import { type Ground, type GroundOptions, openGround } from '../../src/counterfactual/ground/ground.js';
import type { Samples } from '../../src/data/samples.js';
import type { Graph } from '../../src/ir/types.js';
import { boundsOf } from '../../src/oracle/bounds.js';
import { random } from '../../src/tensor/random.js';
import { float32 } from '../../src/tensor/tensor.js';
import { graphOf, node, typed } from '../helpers/graphs.js';

export const size = 6;
export const count = 12;
export const w = [3, -2, 2.5, -1, 1, -2];
export const shift = -0.8;
export const x = random(11, 'rows').uniforms(count * size);
export const rowOf = (id: number): Float32Array => x.subarray(id * size, (id + 1) * size);
export const input = typed('x', ['batch', size]);

/** One input through a matrix [from, to], and a shift. */
export function affine(matrix: readonly number[], shifts: readonly number[]): Graph {
  const to = shifts.length;
  const [weight, shifted, sum] = [typed('w', [matrix.length / to, to]), typed('shift', [1, to]), { name: 'sum' }];
  const from = typed('x', ['batch', matrix.length / to]);
  const out = typed('out', ['batch', to]);
  return graphOf({
    inputs: [from],
    outputs: [out],
    nodes: [node('MatMul', [from, weight], [sum]), node('Add', [sum, shifted], [out])],
    initializers: new Map([
      [weight, float32([matrix.length / to, to], Float32Array.from(matrix))],
      [shifted, float32([1, to], Float32Array.from(shifts))],
    ]),
  });
}

/** Class 0 where w x + shift is above 0: scores are that and 0. */
export const graph = affine(
  w.flatMap((each) => [each, 0]),
  [shift, 0],
);

export const samples: Samples = {
  count,
  batch: (from, to) => new Map([[input, float32([to - from, size], x.subarray(from * size, to * size))]]),
  provenance: { files: [], description: 'made' },
};

export const scoreOf = (row: Float32Array): number => row.reduce((sum, value, i) => sum + value * w[i]!, shift);

export const other: Wish = { goal: { kind: 'other' } };

export const opened = (options: GroundOptions = {}, wish: Wish = other): Promise<Ground> =>
  openGround(
    graph,
    samples,
    wish,
    { batch: count, threads: 1 },
    { reference: samples, bounds: ({ network }) => boundsOf([[0, 1]], network.space, 'given'), ...options },
  );

/** beta |d|_1 + |d|_2^2. */
export const costOf = (beta: number, change: ArrayLike<number>): number =>
  Array.from(change).reduce((sum, value) => sum + beta * Math.abs(value) + value * value, 0);

/**
 * The least that moves the score by `need`, each element at most by its room: elements move as the multiplier of the goal outweighs
 * beta. Undefined where all the room is not enough.
 */
export function least(beta: number, need: number, room: readonly number[]): number[] | undefined {
  const movesAt = (multiplier: number): number[] =>
    room.map((most, i) => Math.min(most, Math.max(0, (multiplier * Math.abs(w[i]!) - beta) / 2)));
  const gain = (moves: readonly number[]): number => moves.reduce((sum, move, i) => sum + move * Math.abs(w[i]!), 0);
  if (gain(room) <= need) return undefined;
  let [low, high] = [0, 1e4];
  for (let k = 0; k < 100; k++) {
    const middle = (low + high) / 2;
    if (gain(movesAt(middle)) < need) low = middle;
    else high = middle;
  }
  return movesAt(high);
}

/** Enough for both to be exact. */
export const rich = { steps: 200, rounds: 10 };
