import { describe, expect, test } from 'vitest';
import { isBetter, type Judgement, judge } from '../../src/train/judgement.js';
import { linearRamp, sigmoidRamp, warmed } from '../../src/train/parts/schedules.js';
import { sumsOf } from '../../src/train/sums.js';

const judged = (rows: readonly (readonly number[])[], labels: readonly number[]): Judgement =>
  judge(Float32Array.from(rows.flat()), {
    count: rows.length,
    channels: 1,
    length: 1,
    values: new Float32Array(rows.length),
    labels: Int32Array.from(labels),
  });

describe('judge', () => {
  test('takes the mean log loss, the share that is right and the weighted area', () => {
    const rows = [
      [1, 0, -1],
      [0.5, 2, 0],
      [0, 0, 0.25],
      [3, -1, 0],
    ];
    const labels = [0, 1, 0, 2];
    const probability = (row: readonly number[], label: number): number =>
      Math.exp(row[label]!) / row.reduce((sum, each) => sum + Math.exp(each), 0);
    const { accuracy, logLoss, weightedAuc } = judged(rows, labels);
    expect(accuracy).toBe(0.5);
    expect(logLoss).toBeCloseTo(
      rows.reduce((sum, row, i) => sum - Math.log(probability(row, labels[i]!)) / 4, 0),
      6,
    );
    const area = (label: number): number => {
      const [own, others] = [true, false].map((is) =>
        rows.filter((_, i) => (labels[i] === label) === is).map((row) => probability(row, label)),
      );
      const wins = own!.flatMap((a) => others!.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
      return wins.reduce<number>((sum, each) => sum + each, 0) / wins.length;
    };
    expect(weightedAuc).toBeCloseTo((2 * area(0) + area(1) + area(2)) / 4, 6);
  });

  // probabilities of all of these are 1 in float64
  test.each([
    [
      'two classes',
      [
        [60, 0],
        [50, 0],
        [45, 0],
      ],
      [0, 0, 1],
      1,
    ],
    [
      'the wrong way',
      [
        [60, 0],
        [50, 0],
        [45, 0],
      ],
      [1, 0, 0],
      0,
    ],
    [
      'three classes',
      [
        [60, 0, 1],
        [50, 2, 0],
        [45, 0, 0],
      ],
      [0, 1, 0],
      1 / 2,
    ],
  ] as const)('ranks what is beyond the last digit of a probability: %s', (_, rows, labels, area) => {
    expect(judged(rows, labels).weightedAuc).toBeCloseTo(area, 6);
  });

  test('knows no area of one class', () => {
    const { weightedAuc, accuracy } = judged(
      [
        [1, 0],
        [2, 0],
      ],
      [0, 0],
    );
    expect([weightedAuc, accuracy]).toEqual([undefined, 1]);
  });
});

const of = (weightedAuc: number | undefined, logLoss: number): Judgement => ({
  accuracy: 0,
  logLoss,
  ...(weightedAuc !== undefined && { weightedAuc }),
});

describe('isBetter', () => {
  test.each([
    ['than none', of(0.5, 9), undefined, true],
    ['of larger area, whatever the loss', of(0.9, 5), of(0.8, 1), true],
    ['of smaller area, whatever the loss', of(0.8, 1), of(0.9, 5), false],
    ['of equal area and smaller loss', of(0.9, 1), of(0.9, 2), true],
    ['of equal area and loss', of(0.9, 1), of(0.9, 1), false],
    ['without areas, of smaller loss', of(undefined, 1), of(undefined, 2), true],
    ['without areas, of larger loss', of(undefined, 3), of(undefined, 2), false],
    ['not a number, than none', of(0.9, Number.NaN), undefined, false],
    ['infinite, of larger area', of(0.9, Number.POSITIVE_INFINITY), of(0.1, 1), false],
  ])('%s', (_, one, other, expected) => {
    expect(isBetter(one, other)).toBe(expected);
  });
});

describe('schedules', () => {
  const at = [0, 1, 5, 10, 19];
  test.each([
    ['linear', linearRamp(8, 0.5), [0, 0.8, 4, 8, 8]],
    ['linear, at once', linearRamp(8, 0), [0, 8, 8, 8, 8]],
    ['sigmoid', sigmoidRamp(8, 0.5), [8 * Math.exp(-5), 8 * Math.exp(-5 * 0.81), 8 * Math.exp(-5 / 4), 8, 8]],
    ['warmed decay', warmed(0.9), [1 / 2, 2 / 3, 6 / 7, 0.9, 0.9]],
  ])('%s over 20 steps', (_, schedule, expected) => {
    at.forEach((step, i) => {
      expect(schedule(step, 20)).toBeCloseTo(expected[i]!, 12);
    });
  });
});

describe('sums', () => {
  test('are means over steps, of those where a number was known', () => {
    const sums = sumsOf({ told: ['a', 'b', 'c'], terms: new Set(['a']) });
    sums.add(
      [1, 2],
      [
        [3, 5],
        [Number.NaN, 1],
        [Number.NaN, Number.NaN],
      ],
    );
    sums.add([6], [[1], [2], [Number.NaN]]);
    expect(sums.means()).toEqual({ loss: 3, terms: { a: 3 }, diagnostics: { b: 1.5 } });
  });
});
