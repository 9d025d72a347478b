import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLinalg, type Linalg } from '../../../src/linalg/index.js';
import { random } from '../../../src/tensor/random.js';
import { fitRidge } from '../../../src/train/baselines/ridge.js';
import { standardisationOf, standardised } from '../../../src/train/baselines/standardise.js';

let linalg: Linalg;
beforeAll(async () => {
  linalg = await createLinalg();
});
afterAll(() => linalg.release());

const classes = 3;

/** Weights of ridge regression with an intercept that is not penalised, by its normal equations. */
async function directRidge(x: number[][], y: number[], alpha: number): Promise<(row: number[]) => number> {
  const [n, d] = [x.length, x[0]!.length];
  const mean = Array.from({ length: d }, (_, k) => x.reduce((sum, row) => sum + row[k]!, 0) / n);
  const level = y.reduce((sum, value) => sum + value, 0) / n;
  const a = new Float64Array(d * d);
  const b = new Float64Array(d);
  x.forEach((row, i) => {
    for (let p = 0; p < d; p++) {
      b[p]! += (row[p]! - mean[p]!) * (y[i]! - level);
      for (let q = 0; q < d; q++) a[p * d + q]! += (row[p]! - mean[p]!) * (row[q]! - mean[q]!);
    }
  });
  for (let p = 0; p < d; p++) a[p * d + p]! += alpha;
  const w = await linalg.solve(a, d, b, 1);
  return (row) => row.reduce((sum, value, k) => sum + w[k]! * (value - mean[k]!), level);
}

describe.each([
  ['more columns than rows', 12, 30],
  ['more rows than columns', 25, 4],
])('ridge, %s', (_, rows, columns) => {
  const table = random(1, 'table')
    .normals(rows * columns)
    .map((value, at) => (at % columns === 2 ? 7 : 3 * value + 1));
  const labels = Int32Array.from({ length: rows }, (_, i) => (i * i) % classes);
  const alphas = [1e-2, 1, 30];
  const z = standardised(Float64Array.from(table), standardisationOf(table, columns));
  const x = Array.from({ length: rows }, (_, i) => Array.from(z.subarray(i * columns, (i + 1) * columns)));
  const targets = (c: number): number[] => Array.from(labels, (label) => (label === c ? 1 : -1));

  test('errors of leaving one out are those of as many fits', async () => {
    const { errors, alpha, leftOut } = await fitRidge(linalg, table, labels, classes, alphas);
    const byFits: number[] = [];
    for (const tried of alphas) {
      let sum = 0;
      for (let c = 0; c < classes; c++) {
        for (let i = 0; i < rows; i++) {
          const rest = <T>(all: T[]): T[] => all.filter((_, j) => j !== i);
          const value = (await directRidge(rest(x), rest(targets(c)), tried))(x[i]!);
          sum += (targets(c)[i]! - value) ** 2 / (rows * classes);
          if (tried === alpha) expect(leftOut[i * classes + c]).toBeCloseTo(value, 6);
        }
      }
      byFits.push(sum);
    }
    errors.forEach((error, k) => {
      expect(error / byFits[k]!).toBeCloseTo(1, 7);
    });
    expect(alpha).toBe(alphas[byFits.indexOf(Math.min(...byFits))]);
  });

  test('weights of columns as given are those of the normal equations', async () => {
    const { weights, biases } = await fitRidge(linalg, table, labels, classes, [0.5]);
    for (let c = 0; c < classes; c++) {
      const direct = await directRidge(x, targets(c), 0.5);
      for (let i = 0; i < rows; i++) {
        let value = biases[c]!;
        for (let k = 0; k < columns; k++) value += table[i * columns + k]! * weights[k * classes + c]!;
        expect(value).toBeCloseTo(direct(x[i]!), 8);
      }
    }
  });
});

test('one sample gives its own class and nothing else', async () => {
  const { weights, biases, errors } = await fitRidge(linalg, Float32Array.of(1, 2), Int32Array.of(1), 2, [1, 2]);
  expect([...weights].every((weight) => weight === 0)).toBe(true);
  expect([...biases]).toEqual([-1, 1]);
  expect(errors.every(Number.isFinite)).toBe(true);
});
