/** Accelerated proximal gradient against problems whose answers are known. */
import { describe, expect, test } from 'vitest';
import { type ApgOptions, apg, type Momentum, type NonSmooth, type Smooth } from '../../src/optim/apg.js';
import { l0, l1, type Penalty } from '../../src/optim/penalties/index.js';
import { random } from '../../src/tensor/random.js';

const size = 6;
const count = 4;
const rng = random(5, 'apg');
const targets = rng.normals(size * count);
/** Curvatures that differ a hundredfold. */
const bends = Float32Array.from({ length: size }, (_, i) => 10 ** (i / 2.5 - 1));

/** Sum of bends_i (x_i - target_i)^2 / 2, and whom it was asked about. */
function quadratic(): Smooth & { readonly asked: number[][] } {
  const asked: number[][] = [];
  return {
    asked,
    async slopes(points, rows) {
      asked.push([...rows]);
      const gradients = points.map(
        (x, at) => bends[at % size]! * (x - targets[rows[Math.floor(at / size)]! * size + (at % size)]!),
      );
      const values = Float32Array.from(rows, (row, j) => {
        let sum = 0;
        for (let i = 0; i < size; i++) sum += (bends[i]! / 2) * (points[j * size + i]! - targets[row * size + i]!) ** 2;
        return sum;
      });
      return { values, gradients };
    },
  };
}

const nonSmooth = (penalty: Penalty, weight: number): NonSmooth => ({
  value: (x) => weight * penalty.value(x),
  prox: (z, step, _, out) => void penalty.prox(z, weight * step, undefined, out),
});

const options = (momentum: Momentum, more: Partial<ApgOptions> = {}): ApgOptions => ({
  steps: 3000,
  stepSize: () => 0.1,
  momentum,
  ...more,
});

const cases: [name: string, ApgOptions][] = [
  ['fista', options('fista')],
  ['monotone', options('monotone')],
  ['none', options('none')],
  ['fista, line search from a step that is far too long', options('fista', { stepSize: () => 50, lineSearch: 2 })],
];

describe.each(cases)('%s', (_, how) => {
  test('finds the least of a lasso, whose elements are known one by one', async () => {
    const found = await apg(quadratic(), nonSmooth(l1, 0.05), new Float32Array(size * count), size, how);
    found.forEach((x, at) => {
      const target = targets[at]!;
      const exact = Math.sign(target) * Math.max(0, Math.abs(target) - 0.05 / bends[at % size]!);
      // values are float32: what is nearer than this gains less than they tell
      expect(Math.abs(x - exact)).toBeLessThan(2e-3);
    });
  });

  test('problems do not know of each other', async () => {
    const all = await apg(quadratic(), nonSmooth(l1, 0.05), new Float32Array(size * count), size, {
      ...how,
      steps: 40,
    });
    const smooth = quadratic();
    const alone: Smooth = {
      slopes: (points, rows) =>
        smooth.slopes(
          points,
          rows.map((row) => row + 2),
        ),
    };
    const one = await apg(alone, nonSmooth(l1, 0.05), new Float32Array(size), size, { ...how, steps: 40 });
    expect([...one]).toEqual([...all.subarray(2 * size, 3 * size)]);
  });
});

test('monotone: no step raises the cost, also where the smooth part is not convex', async () => {
  const costs: number[] = [];
  const wave: Smooth = {
    async slopes(points) {
      const values = Float32Array.from({ length: points.length / size }, (_, j) => {
        let sum = 0;
        for (const x of points.subarray(j * size, (j + 1) * size)) sum += Math.cos(3 * x) + x * x;
        return sum;
      });
      return { values, gradients: points.map((x) => 2 * x - 3 * Math.sin(3 * x)) };
    },
  };
  const x = targets.slice(0, size);
  const sparse = nonSmooth(l0, 0.01);
  const cost = async (): Promise<number> => (await wave.slopes(x, [0])).values[0]! + sparse.value(x, 0);
  const before = await cost();
  for (let k = 0; k < 30; k++) {
    await apg(wave, sparse, x, size, options('monotone', { steps: 1, stepSize: () => 0.5 }));
    costs.push(await cost());
  }
  costs.forEach((now, k) => {
    expect(now).toBeLessThanOrEqual((costs[k - 1] ?? before) + 1e-5);
  });
});

test('a problem that no step moves is asked about no more', async () => {
  const smooth = quadratic();
  const stuck = nonSmooth(l0, 1e6);
  await apg(smooth, stuck, new Float32Array(size * count), size, options('fista', { steps: 50 }));
  expect(smooth.asked).toHaveLength(1);
});

test('the metric shortens the steps of stiff elements: no step is too long then', async () => {
  const metric = bends.map((bend) => 1 / bend);
  const [found] = [
    await apg(
      quadratic(),
      { value: () => 0, prox: (z, _s, _r, out) => void out.set(z) },
      new Float32Array(size * count),
      size,
      options('none', { steps: 2, stepSize: () => 1, metric }),
    ),
  ];
  found!.forEach((x, at) => {
    expect(x).toBeCloseTo(targets[at]!, 5);
  });
});

test("extrapolates as the specification's vectors say", async () => {
  const points: number[] = [];
  const slope: Smooth = {
    async slopes(x) {
      points.push(x[0]!);
      return { values: Float32Array.of(-x[0]!), gradients: Float32Array.of(-1) };
    },
  };
  await apg(
    slope,
    { value: () => 0, prox: (z, _s, _r, out) => void out.set(z) },
    new Float32Array(1),
    1,
    options('fista', { steps: 6, stepSize: () => 1 }),
  );
  // x_k+1 = ahead_k + 1, and ahead lies beyond x by the share of the last way
  const shares = [0, 0.281754, 0.434043, 0.531064, 0.598779];
  let [x, ahead] = [0, 0];
  for (const [k, share] of shares.entries()) {
    const next = ahead + 1;
    ahead = next + share * (next - x);
    x = next;
    expect(points[k + 1]).toBeCloseTo(ahead, 4);
  }
});
