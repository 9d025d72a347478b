/** Orders of channels in which n:m keeps more. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { channelOrder } from '../../src/masks/channel-order.js';
import { select } from '../../src/masks/select.js';
import { type Columns, stripeScores } from '../../src/masks/stripe-scores.js';
import { random } from '../../src/tensor/random.js';

/** What a mask made by `select` keeps of the columns in that order. */
function keptBySelecting({ units, rows, scores }: Columns, order: readonly number[], n: number, m: number): number {
  const data = new Float32Array(rows * units);
  for (const [at, unit] of order.entries()) {
    for (let row = 0; row < rows; row++) data[row * units + at] = scores[unit * rows + row]!;
  }
  const shape = { stacks: 1, rows, columns: units };
  const { mask } = select({ ...shape, data }, { pattern: { kind: 'n:m', n, m }, group: 'row', rule: 'exact' }, 'here');
  return data.reduce((sum, score, i) => sum + (mask[i] ? score : 0), 0);
}

/** Channels whose sizes differ, as those of networks do. */
function columns(units: number, rows: number, seed: number): Columns {
  const draw = random(seed, 'columns');
  const sizes = draw.normals(units, units * rows);
  const scores = draw.normals(units * rows).map((x, i) => Math.abs(x) * Math.exp(sizes[Math.floor(i / rows)]!));
  return { units, rows, scores };
}

const search = { seed: 0, name: 'units' };

const shapes = fc.record({
  m: fc.integer({ min: 2, max: 8 }),
  units: fc.integer({ min: 1, max: 40 }),
  rows: fc.integer({ min: 1, max: 9 }),
  seed: fc.nat(1e6),
});

test('what stripes keep is what a mask keeps', () => {
  fc.assert(
    fc.property(shapes, fc.nat(), ({ m, units, rows, seed }, choice) => {
      const n = 1 + (choice % (m - 1));
      const some = columns(units, rows, seed);
      const order = Array.from(random(seed, 'order').permutation(units));
      const stripes = stripeScores(some, { n, m });
      stripes.order.set(order);
      const wanted = units < m ? some.scores.reduce((a, b) => a + b, 0) : keptBySelecting(some, order, n, m);
      expect(Math.abs(stripes.total() - wanted)).toBeLessThan(1e-4 * wanted);
    }),
    { seed: 3, numRuns: 200 },
  );
});

test('with another unit in a place, a stripe keeps what it does once the unit stands there', () => {
  fc.assert(
    fc.property(shapes, fc.nat(), fc.nat(), ({ m, units, rows, seed }, a, b) => {
      fc.pre(units >= 2 * m);
      const stripes = stripeScores(columns(units, rows, seed), { n: 1, m });
      const [one, other] = [a % units, b % units];
      fc.pre(stripes.stripeOf(one) !== stripes.stripeOf(other));
      const [kept, before] = [new Float64Array(1), stripes.total()];
      const keptAt = (position: number, unit: number): number => {
        stripes.fill(position, [unit], kept);
        return kept[0]!;
      };
      const gain = keptAt(one, other) + keptAt(other, one) - keptAt(one, one) - keptAt(other, other);
      stripes.order[one] = other;
      stripes.order[other] = one;
      expect(Math.abs(stripes.total() - before - gain)).toBeLessThan(1e-4 * before);
    }),
    { seed: 4, numRuns: 200 },
  );
});

describe('channelOrder', () => {
  test('orders all units and never keeps less', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, async ({ m, units, rows, seed }) => {
        const some = columns(units, rows, seed);
        const order = await channelOrder(some, { n: 1, m }, { ...search, work: 1e6 });
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: units }, (_, i) => i));
        if (units < m) return;
        const before = keptBySelecting(some, [...order.keys()], 1, m);
        expect(keptBySelecting(some, order, 1, m)).toBeGreaterThanOrEqual(before * (1 - 1e-6));
      }),
      { seed: 5, numRuns: 100 },
    );
  });

  test('finds the best of all 35 ways to share eight channels between two stripes', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const some = columns(8, 6, seed);
      const kept = ways.map((way) => keptBySelecting(some, way, 2, 4));
      const order = await channelOrder(some, { n: 2, m: 4 }, search);
      expect(keptBySelecting(some, order, 2, 4)).toBeCloseTo(Math.max(...kept), 3);
    }
  });

  test('shares out large channels that stand together', async () => {
    const scores = Float32Array.from({ length: 64 }, (_, i) => (i < 32 ? 10 : 1));
    const order = await channelOrder({ units: 64, rows: 1, scores }, { n: 2, m: 4 }, search);
    expect(keptBySelecting({ units: 64, rows: 1, scores }, order, 2, 4)).toBe(320);
  });

  test.each([
    ['all at once', 1e8],
    ['by parts', 2e5],
  ])('the same seed gives the same order, and a better one, %s', async (_, work) => {
    const some = columns(96, 50, 1);
    const first = await channelOrder(some, { n: 2, m: 4 }, { ...search, work });
    expect(await channelOrder(some, { n: 2, m: 4 }, { ...search, work })).toEqual(first);
    expect(keptBySelecting(some, first, 2, 4)).toBeGreaterThan(1.01 * keptBySelecting(some, [...first.keys()], 2, 4));
  });

  test('is stopped by its signal', async () => {
    const stopped = AbortSignal.abort();
    const searching = channelOrder(columns(400, 400, 0), { n: 2, m: 4 }, { ...search, signal: stopped });
    await expect(searching).rejects.toThrow(/abort/i);
  });
});

/** The first four of eight, channel 0 among them, and the others. */
const ways = Array.from({ length: 2 ** 8 }, (_, bits) => Array.from({ length: 8 }, (_, i) => (bits >> i) & 1))
  .filter((bits) => bits[0] === 1 && bits.reduce((a, b) => a + b, 0) === 4)
  .map((bits) => [...bits.keys()].sort((a, b) => bits[b]! - bits[a]! || a - b));
