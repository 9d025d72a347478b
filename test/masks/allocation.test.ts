import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AllocatedLayer, allocations, erk, outlierFraction, owl } from '../../src/masks/allocation.js';
import { overridden } from '../../src/masks/overrides.js';

const layerOf = (rows: number, columns: number, outliers = 0, kernel: number[] = []): AllocatedLayer => ({
  name: `${rows}x${columns}`,
  rows,
  columns,
  elements: rows * columns,
  outliers,
  kernel,
});

const sizes = fc.integer({ min: 1, max: 600 });
const layers = fc.array(
  fc
    .tuple(sizes, sizes, fc.double({ min: 0, max: 0.1, noNaN: true }))
    .map(([rows, columns, outliers]) => layerOf(rows, columns, outliers)),
  { minLength: 1, maxLength: 12 },
);

describe.each(Object.entries(allocations))('%s', (_, allocation) => {
  test('keeps the total and stays in [0, 1)', () => {
    fc.assert(
      fc.property(layers, fc.double({ min: 0, max: 0.99, noNaN: true }), (list, sparsity) => {
        const found = allocation(list, sparsity);
        const total = list.reduce((sum, { elements }) => sum + elements, 0);
        const removed = list.reduce((sum, { elements }, i) => sum + elements * found[i]!, 0);
        expect(removed / total).toBeCloseTo(sparsity, 9);
        for (const s of found) {
          expect(s).toBeGreaterThanOrEqual(-1e-12);
          expect(s).toBeLessThan(1);
        }
      }),
      { seed: 3, numRuns: 300 },
    );
  });
});

describe('erk', () => {
  test('density is in proportion to (rows + columns + kernel) / elements', () => {
    const list = [layerOf(64, 64 * 9, 0, [3, 3]), layerOf(256, 512)];
    const [a, b] = erk(list, 0.9).map((s) => 1 - s) as [number, number];
    expect(a / b).toBeCloseTo((64 + 64 + 3 + 3) / (64 * 576) / ((256 + 512) / (256 * 512)), 9);
  });

  test('a layer that would need more than 1 is dense', () => {
    expect(erk([layerOf(4, 4), layerOf(1000, 1000)], 0.5)[0]).toBe(0);
  });
});

describe('owl', () => {
  test('maps outliers to a band 2 lambda wide around the target', () => {
    const list = [layerOf(8, 8, 0.01), layerOf(8, 8, 0.02), layerOf(8, 8, 0.03)];
    expect(owl(list, 0.7)).toEqual([0.78, 0.7, 0.62].map((s) => expect.closeTo(s, 12)));
    expect(owl(list, 0.7, { lambda: 0.2 })).toEqual([0.9, 0.7, 0.5].map((s) => expect.closeTo(s, 12)));
  });

  test('narrows the band where it would leave [0, 1)', () => {
    const [first, last] = owl([layerOf(8, 8, 0), layerOf(8, 8, 1)], 0.95) as [number, number];
    expect(first).toBeCloseTo(0.995, 12);
    expect(last).toBeCloseTo(0.905, 12);
  });

  test('equal outliers are uniform', () => expect(owl([layerOf(2, 2, 1), layerOf(9, 9, 1)], 0.5)).toEqual([0.5, 0.5]));

  test('needs the outliers', () => {
    const { outliers: _, ...layer } = layerOf(2, 2);
    expect(() => owl([layer], 0.5)).toThrow(
      "owl '2x2': expected a fraction of outliers, got none; score the layer first",
    );
  });
});

test('outliers exceed a multiple of the mean over all matrices of a block', () => {
  const quiet = new Float32Array(98).fill(1);
  expect(outlierFraction([quiet, Float32Array.of(30, 6)])).toBeCloseTo(0.01, 12);
  expect(outlierFraction([quiet, Float32Array.of(30, 6)], 4)).toBeCloseTo(0.02, 12);
  expect(outlierFraction([])).toBe(0);
});

describe('overrides', () => {
  const names = [
    ['h.0.attn', 'MatMul'],
    ['h.0.mlp', 'Gemm'],
    ['h.1.attn', 'MatMul'],
  ];

  test('the last match wins, by any name', () => {
    const overrides = [
      { layer: 'h.0*', sparsity: 0.2 },
      { layer: 're:^Gemm$', sparsity: 0 },
    ];
    expect(overridden(names, overrides)).toEqual([0.2, 0, undefined]);
  });

  test('must match something', () => {
    expect(() => overridden(names, [{ layer: 'x*', sparsity: 0.2 }])).toThrow(
      "override 'x*': matches no prunable layer; the first of 3 are 'h.0.attn', 'h.0.mlp', 'h.1.attn'",
    );
  });

  test('must be a fraction', () => {
    expect(() => overridden(names, [{ layer: '*', sparsity: 50 }])).toThrow(
      "override '*': expected a sparsity in [0, 1), got 50",
    );
  });
});
