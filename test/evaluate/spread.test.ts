/** Quantiles and intervals against their plain definitions. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { medianInterval, medianOf, quantile, quartilesOf } from '../../src/evaluate/spread.js';
import { mediansOf, pairedRatio, timedOf } from '../../src/evaluate/timed.js';
import { random } from '../../src/tensor/random.js';

const values = fc.array(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 });
const sorted = (of: readonly number[]): number[] => [...of].sort((a, b) => a - b);

describe('quantiles', () => {
  test('the median is the middle value, or the mean of the middle two', () => {
    fc.assert(
      fc.property(values, (given) => {
        const [low, high] = [sorted(given)[(given.length - 1) >> 1]!, sorted(given)[given.length >> 1]!];
        expect(medianOf(given)).toBeCloseTo((low + high) / 2, 6);
      }),
    );
  });

  test('quantiles grow with the fraction, from the least value to the most', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (given, fraction) => {
        const of = sorted(given);
        expect([quantile(of, 0), quantile(of, 1)]).toEqual([of[0], of.at(-1)]);
        expect(quantile(of, fraction)).toBeLessThanOrEqual(quantile(of, Math.min(1, fraction + 0.1)) * (1 + 1e-12));
      }),
    );
  });

  test.each([
    [
      [1, 2, 3, 4, 5],
      [2, 4],
    ],
    [
      [4, 1, 3, 2],
      [1.75, 3.25],
    ],
    [[7], [7, 7]],
  ])('the quartiles of %j are %j', (given, expected) => expect(quartilesOf(given)).toEqual(expected));
});

describe('the interval of a median', () => {
  /** Pascal's triangle: P(X <= k) of `count` coins, exact below 2^53. */
  const below = (count: number, k: number): number => {
    let row = [1];
    for (let n = 0; n < count; n++) row = [1, ...row.slice(1).map((value, i) => value + row[i]!), 1];
    return row.slice(0, k + 1).reduce((sum, value) => sum + value, 0) / 2 ** count;
  };

  test('is the narrowest pair of order statistics with at most 2.5 % outside on each side', () => {
    for (let count = 1; count <= 50; count++) {
      const given = Array.from({ length: count }, (_, i) => i);
      const found = medianInterval(given);
      const outside = given.filter((k) => below(count, k) <= 0.025).length - 1;
      expect(found).toEqual(outside < 0 ? undefined : [outside, count - 1 - outside]);
    }
  });

  test('is none of five values, and the whole range of six', () => {
    expect(medianInterval([1, 2, 3, 4, 5])).toBeUndefined();
    expect(medianInterval([6, 2, 3, 1, 5, 4])).toEqual([1, 6]);
    expect(medianInterval([])).toBeUndefined();
  });

  test('of many values is close to the normal approximation', () => {
    const [low, high] = medianInterval(Array.from({ length: 40_001 }, (_, i) => i))!;
    expect(low + high).toBe(40_000);
    expect(Math.abs((high - low) / 2 - 1.96 * Math.sqrt(40_001 / 4))).toBeLessThan(2);
  });

  test('holds the median that the values were drawn around', () => {
    const trials = Array.from({ length: 2000 }, (_, i) => medianInterval([...random(i, 'median').normals(25)])!);
    const held = trials.filter(([low, high]) => low <= 0 && high >= 0).length / trials.length;
    // of 25 values it holds 95.7 %
    expect(Math.abs(held - 0.957)).toBeLessThan(0.02);
  });
});

describe('figures of rounds', () => {
  const rounds = fc.array(fc.array(fc.double({ min: 0.1, max: 100, noNaN: true }), { minLength: 2, maxLength: 2 }), {
    minLength: 1,
    maxLength: 40,
  });
  const costs = (times: readonly number[]) =>
    times.map((time) => [{ milliseconds: time, processorMilliseconds: 2 * time }]);

  test('are those of all runs', () => {
    fc.assert(
      fc.property(rounds, (pairs) => {
        const times = pairs.map(([time]) => time!);
        const figures = timedOf(costs(times), 4);
        const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
        expect(figures).toMatchObject({ rounds: times.length, runs: times.length, batch: 4 });
        expect(figures.p50Milliseconds).toBe(medianOf(times));
        expect(figures.processorMilliseconds).toBeCloseTo(2 * medianOf(times), 9);
        expect(figures.meanMilliseconds).toBeCloseTo(mean, 9);
        expect(figures.samplesPerSecond).toBeCloseTo(4000 / mean, 6);
        expect(figures.intervalMilliseconds === undefined).toBe(times.length < 6);
      }),
    );
  });

  test('a ratio is the median of ratios, whatever the machine did from round to round', () => {
    fc.assert(
      fc.property(rounds, fc.double({ min: 0.1, max: 10, noNaN: true }), (pairs, factor) => {
        const first = pairs.map(([time, slowdown]) => time! * slowdown!);
        const second = first.map((time) => factor * time);
        const { median, interval, processor } = pairedRatio(costs(second), costs(first));
        expect(median).toBeCloseTo(factor, 9);
        expect(processor!.median).toBeCloseTo(factor, 9);
        if (pairs.length >= 6) for (const end of interval!) expect(end).toBeCloseTo(factor, 9);
        else expect(interval).toBeUndefined();
      }),
    );
  });

  test('of several runs a round, the median of the round counts', () => {
    const round = [9, 1, 2].map((milliseconds) => ({ milliseconds, processorMilliseconds: 1 }));
    expect(mediansOf([round], 'milliseconds')).toEqual([2]);
    expect(timedOf([round], 1)).toMatchObject({ rounds: 1, runs: 3, p50Milliseconds: 2 });
  });

  test('processor time too short for the clock is left out', () => {
    const none = [[{ milliseconds: 1, processorMilliseconds: 0 }]];
    expect(pairedRatio(none, none)).toEqual({ median: 1, quartiles: [1, 1] });
  });
});
