import { describe, expect, test } from 'vitest';
import { Builder, builderFor } from '../../src/ops/builder.js';
import { atMostK, groupL0, groupL2, l0, lHalf, lp, lTwoThirds, type Penalty } from '../../src/optim/index.js';
import { random } from '../../src/tensor/random.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';
import { graphOf, numbers, typed } from '../helpers/graphs.js';

/** The emitted prox of `rows` rows; step and limits are one number, or a tensor that broadcasts. */
async function emitted(
  penalty: Required<Penalty>,
  rows: number,
  z: ArrayLike<number>,
  step: number | Tensor,
  limits?: readonly [lower: number | Tensor, upper: number | Tensor],
): Promise<number[]> {
  const shape = [rows, z.length / rows];
  const input = typed('z', shape);
  const graph = graphOf({ inputs: [input] });
  const g = builderFor(graph);
  const value = (v: number | Tensor) => (typeof v === 'number' ? g.scalar(v) : g.constant(v));
  const box = limits && { lower: value(limits[0]), upper: value(limits[1]) };
  const p = penalty.emitProx(g, input, value(step), box);
  const found = await numbers(g.appendTo(graph, [p]), { z: float32(shape, Float32Array.from(z)) });
  return found[p.name]!;
}

test.each([
  [0.01, [0.05, 0.1, 0.2, 1, -2], [0.037004, 0.091746, 0.194329, 0.997497, -1.998231]],
  [0.1, [0.2, 0.3, 0.5, 1, -2], [0, 0.25, 0.46327, 0.974677, -1.982243]],
  [1, [0.9449, 1, -2], [0, 0.701516, -1.814402]],
])('lHalf, of (y - w)^2 + lambda sqrt(|y|) at lambda %f', async (lambda, w, y) => {
  const found = await emitted(lHalf, 1, w, lambda / 2);
  for (const [i, p] of found.entries()) expect(p).toBeCloseTo(y[i]!, 6);
});

test('l0 in a box: x = 0.9 and w = 0.3 saves 0.05 at the end of the box, 0.1', async () => {
  expect(await emitted(l0, 1, [0.3], 0.0249, [-0.1, 0.1])).toEqual([Math.fround(0.1)]);
  expect(await emitted(l0, 1, [0.3], 0.0251, [-0.1, 0.1])).toEqual([0]);
});

test('a tie of l0 that float32 holds goes to zero', async () => {
  expect(await emitted(l0, 1, [1, -1, 1.001], 0.5)).toEqual([0, 0, Math.fround(1.001)]);
});

test.each<[string, Required<Penalty>, number]>([
  ['lHalf', lHalf, 1 / 2],
  ['lTwoThirds', lTwoThirds, 2 / 3],
  ['lp(0.1)', lp(0.1), 0.1],
  ['lp(0.9)', lp(0.9), 0.9],
])('%s loses nothing where the local minimum and maximum meet within the box', async (_, penalty, q) => {
  const count = 3000;
  const draws = random(3, 'flat');
  // at z = 1 they meet at (1 - q) / (2 - q)
  const flat = (1 - q) / (2 - q);
  const meeting = flat ** (2 - q) / (q * (1 - q));
  const steps = draws.uniforms(count).map((u) => meeting * (1 + 0.02 * (u - 0.7)));
  const lower = draws.uniforms(count, count).map((u) => flat * (1 + 0.2 * (u - 0.5)));
  const found = await emitted(penalty, count, new Float32Array(count).fill(1), float32([count, 1], steps), [
    float32([count, 1], lower),
    2,
  ]);
  const cost = (p: number, t: number): number => (p - 1) ** 2 / 2 + t * p ** q;
  for (const [i, t] of steps.entries()) {
    const least = penalty.prox(Float32Array.of(1), t, { lower: lower[i]!, upper: 2 })[0]!;
    expect(cost(found[i]!, t)).toBeLessThanOrEqual(cost(least, t) + 1e-7);
  }
});

describe('atMostK', () => {
  test.each([0, 1, 3, 5, 9])('of %i keeps the same of each row as on arrays, of equals the first', async (k) => {
    const [rows, size] = [60, 5];
    const draws = random(k, 'integers');
    const z = Float32Array.from({ length: rows * size }, (_, i) => draws.integer(i, 7) - 3);
    const upper = Float32Array.of(9, 1, 0, 2, 9);
    const found = await emitted(atMostK(k), rows, z, 1, [-2, float32([1, size], upper)]);
    const free = await emitted(atMostK(k), rows, z, 1);
    for (let r = 0; r < rows; r++) {
      const row = z.slice(r * size, (r + 1) * size);
      expect(free.slice(r * size, (r + 1) * size)).toEqual([...atMostK(k).prox(row, 1)]);
      expect(found.slice(r * size, (r + 1) * size)).toEqual([...atMostK(k).prox(row, 1, { lower: -2, upper })]);
    }
  });
});

describe('groups', () => {
  test('of groups without elements and elements without groups', async () => {
    const labels = Int32Array.of(2, 2, -1);
    expect(await emitted(groupL0(labels), 2, [3, 4, 0.1, 0.1, 0.1, 7], 1)).toEqual(
      [3, 4, 0.1, 0, 0, 7].map(Math.fround),
    );
    expect(await emitted(groupL2(labels), 2, [3, 4, 0.1, 0.1, 0.1, 7], 2.5)).toEqual(
      [1.5, 2, 0.1, 0, 0, 7].map(Math.fround),
    );
    expect(await emitted(groupL0(Int32Array.of(-1, -1)), 1, [3, 4], 100)).toEqual([3, 4]);
  });

  test('groupL0 lets NaN be and still weighs the other groups of its row', async () => {
    const found = await emitted(groupL0(Int32Array.of(0, 0, 1)), 1, [Number.NaN, 0.1, 0.1], 1);
    expect(found).toEqual([Number.NaN, Math.fround(0.1), 0]);
  });

  test('groupL2 refuses a box', () => {
    const g = new Builder();
    const limits = { lower: g.scalar(0), upper: g.scalar(1) };
    expect(() => groupL2(Int32Array.of(0)).emitProx(g, typed('z', [1, 1]), g.scalar(1), limits)).toThrow(
      'groupL2: expected no box within a graph, got one; step on arrays, or take groupL0',
    );
  });
});
