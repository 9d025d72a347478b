/** What pruning set to zero stays zero, whatever the algorithm. */
import { describe, expect, test } from 'vitest';
import { floatsOf } from '../../src/tensor/convert.js';
import { sizeOf } from '../../src/tensor/dtype.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';
import { algorithms } from '../../src/train/algorithms/index.js';
import { type TrainProgress, train } from '../../src/train/train.js';
import { problemOf, small } from './small.js';
import { data, usual } from './trained-by.js';

/** Every other one. */
const half = (shape: readonly number[]): Tensor =>
  float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => i % 2),
  );

describe('masked weights', () => {
  test.each(Object.entries(algorithms))('are zero to the bit, and so are their averages: %s', async (_, algorithm) => {
    const own = small({
      algorithm: algorithm as never,
      data,
      average: 0.6,
      shape: { channels: 1, length: 16, classes: 2, width: 4 },
    });
    const problem = await problemOf(own);
    const masks = new Map(
      own.form.weights
        .filter(({ name }) => /^(conv2|fc)\.weight$/.test(name))
        .map((value) => [value, half(own.form.graph.initializers.get(value)!.shape)]),
    );
    let last: TrainProgress | undefined;
    const onProgress = (progress: TrainProgress): void => {
      last = progress;
    };
    await train({ ...problem, masks }, own.model, undefined, { ...usual, steps: 3, every: 3, onProgress });
    expect(masks.size).toBe(2);
    const { weights, carried } = last!.state;
    for (const [{ name }, mask] of masks) {
      const kept = floatsOf(mask);
      for (const tensor of [weights.get(name)!, carried!.get(problem.averages.get(name)!)!]) {
        const isZero = Array.from(floatsOf(tensor), (value) => Object.is(value, 0));
        expect(isZero).toEqual(Array.from(kept, (each) => each === 0));
      }
    }
  });
});
