import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { activationGrid } from '../../../src/convert/quantise/activation-grid.js';
import { rangesOf } from '../../../src/convert/quantise/ranges.js';
import { symmetric } from '../../../src/convert/quantise/symmetric.js';
import { dataOf, float32 } from '../../../src/tensor/tensor.js';
import { graphOf, input, noise } from '../../ops/graphs.js';

describe('symmetric integers', () => {
  const weights = fc
    .tuple(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 6 }),
      fc.constantFrom(7, 8),
      fc.constantFrom(0, 1, undefined),
    )
    .chain(([rows, columns, bits, axis]) =>
      fc.tuple(
        fc.constant([rows, columns] as const),
        fc.constant(bits),
        fc.constant(axis),
        fc.array(fc.oneof(fc.constant(0), fc.float({ min: -1e6, max: 1e6, noNaN: true })), {
          minLength: rows * columns,
          maxLength: rows * columns,
        }),
      ),
    );

  test('keep zeros, stay in their bits and within half a step', () => {
    fc.assert(
      fc.property(weights, ([shape, bits, axis, numbers]) => {
        const values = Float32Array.from(numbers);
        const { stored, scales, decoded } = symmetric(values, shape, axis, bits);
        const most = 2 ** (bits - 1) - 1;
        for (const [i, integer] of (dataOf(stored) as Int8Array).entries()) {
          const scale = scales[axis === undefined ? 0 : axis === 0 ? Math.floor(i / shape[1]) : i % shape[1]]!;
          expect(Math.abs(integer)).toBeLessThanOrEqual(most);
          expect(decoded[i]).toBe(Math.fround(integer * scale) + 0);
          if (values[i] === 0) expect(integer).toBe(0);
          expect(Math.abs(decoded[i]! - values[i]!)).toBeLessThanOrEqual(scale * 0.5001);
        }
      }),
      { seed: 11 },
    );
  });

  test('a channel of zeros has a scale that a bias can be counted in', () => {
    const { scales } = symmetric(Float32Array.of(0, 0, 1.27, -0.5), [2, 2], 0, 8);
    expect(scales[0]).toBeCloseTo(0.01, 8);
  });
});

describe('grids of activations', () => {
  test('have zero among their numbers and no number beyond a bound', () => {
    const ranges = fc.tuple(fc.float({ min: -1e4, max: 0, noNaN: true }), fc.float({ min: 0, max: 1e4, noNaN: true }));
    fc.assert(
      fc.property(ranges, fc.constantFrom('uint8' as const, 'int8' as const), ([low, high], type) => {
        const { scale, zeroPoint } = activationGrid({ low, high }, type);
        const [least, most] = type === 'uint8' ? [0, 255] : [-128, 127];
        expect(Number.isInteger(zeroPoint) && zeroPoint >= least && zeroPoint <= most).toBe(true);
        if (low === 0)
          expect((most - zeroPoint) * scale).toBeLessThanOrEqual(
            Math.max(high, 255 * scale * (high === 0 ? 1 : 0), 2 ** -118),
          );
      }),
      { seed: 13 },
    );
  });

  test('leave out tails where asked', async () => {
    const x = input('x', [1000]);
    const graph = graphOf([x], (g) => [g.op('Neg', [x])]);
    const values = noise(1000, 3).map((value, i) => (i === 500 ? 1000 : value));
    const batches = [new Map([[x, float32([1000], values)]])];
    const signal = new AbortController().signal;
    const whole = await rangesOf(graph, [x], batches, { share: 1, signal });
    expect(whole.get(x)).toMatchObject({ high: 1000 });
    const clipped = await rangesOf(graph, [x], batches, { share: 0.99, signal });
    expect(clipped.get(x)!.high).toBeLessThan(2);
    expect(clipped.get(x)!.low).toBeLessThan(-0.5);
  });
});
