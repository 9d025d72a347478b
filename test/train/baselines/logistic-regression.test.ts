import { describe, expect, test } from 'vitest';
import { random } from '../../../src/tensor/random.js';
import { lbfgs, type SmoothFunction } from '../../../src/train/baselines/lbfgs.js';
import { logisticLoss } from '../../../src/train/baselines/logistic-regression.js';
import { inverseTemperature } from '../../../src/train/baselines/temperature.js';

const rosenbrock: SmoothFunction = ([x, y], gradient) => {
  gradient.set([-400 * x! * (y! - x! ** 2) - 2 * (1 - x!), 200 * (y! - x! ** 2)]);
  return 100 * (y! - x! ** 2) ** 2 + (1 - x!) ** 2;
};
/** Curvatures from 1 to 10,000. */
const valley: SmoothFunction = (x, gradient) => {
  let value = 0;
  x.forEach((own, i) => {
    const curvature = 10 ** (i % 5);
    gradient[i] = curvature * (own - 1);
    value += (curvature * (own - 1) ** 2) / 2;
  });
  return value;
};

test.each([
  ['Rosenbrock', rosenbrock, 2],
  ['a narrow valley', valley, 20],
] as const)('lbfgs finds the minimum of %s', async (_, f, size) => {
  const { point, converged } = await lbfgs(f, new Float64Array(size).fill(-1.2), { steps: 200, tolerance: 1e-8 });
  expect(converged).toBe(true);
  for (const x of point) expect(x).toBeCloseTo(1, 6);
});

test('lbfgs takes as many steps as it may', async () => {
  const { steps, converged } = await lbfgs(rosenbrock, Float64Array.of(-1.2, 1), { steps: 5, tolerance: 1e-8 });
  expect({ steps, converged }).toEqual({ steps: 5, converged: false });
});

describe('logistic loss', () => {
  const [rows, columns, classes] = [40, 3, 4];
  const table = Float64Array.from(random(1, 'x').normals(rows * columns));
  const labels = Int32Array.from({ length: rows }, (_, i) => random(2, 'y').integer(i, classes));
  const size = (columns + 1) * classes;

  test.each([0, 0.3])('has the gradient of its values, penalty %d', (penalty) => {
    const loss = logisticLoss(table, labels, columns, classes, penalty);
    const weights = Float64Array.from(random(3, 'w').normals(size));
    const gradient = new Float64Array(size);
    loss(weights, gradient);
    for (let i = 0; i < size; i++) {
      const at = (step: number): number => loss(weights.with(i, weights[i]! + step), new Float64Array(size));
      expect((at(1e-5) - at(-1e-5)) / 2e-5).toBeCloseTo(gradient[i]!, 8);
    }
  });

  test('is least where each class is expected as often as it is there', async () => {
    const loss = logisticLoss(new Float64Array(rows), labels, 1, classes, 0);
    const { point } = await lbfgs(loss, new Float64Array(2 * classes), { steps: 100, tolerance: 1e-9 });
    const shares = point.subarray(classes).map(Math.exp);
    const sum = shares.reduce((total, share) => total + share, 0);
    shares.forEach((share, c) => {
      expect(share / sum).toBeCloseTo(labels.filter((label) => label === c).length / rows, 7);
    });
  });
});

test.each([0.5, 3])('labels drawn with scores times %d are given that factor back', (factor) => {
  const [rows, classes] = [20_000, 3];
  const scores = Float64Array.from(random(4, 'scores').normals(rows * classes));
  const labels = Int32Array.from({ length: rows }, (_, row) => {
    const shares = Array.from(scores.subarray(row * classes, (row + 1) * classes), (score) => Math.exp(factor * score));
    let left = random(5, 'labels').uniform(row) * shares.reduce((sum, share) => sum + share, 0);
    return Math.max(
      0,
      shares.findIndex((share) => (left -= share) < 0),
    );
  });
  expect(inverseTemperature(scores, labels, classes) / factor).toBeCloseTo(1, 1);
});
