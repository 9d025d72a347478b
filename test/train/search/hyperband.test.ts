import { describe, expect, test } from 'vitest';
import { hyperband, rounds } from '../../../src/train/search/index.js';
import { byRank, promoted, type TrialRecord } from '../../../src/train/search/trial.js';

const asPairs = (bracket: ReturnType<typeof hyperband>[number]) => bracket.map(({ trials, steps }) => [trials, steps]);

const sizes: readonly (readonly [string, Parameters<typeof hyperband>[0], readonly (readonly number[][])[]])[] = [
  [
    // Li et al., algorithm 1: n = ceil(5 * 3^s / (s + 1)), n_i = floor(n / 3^i), r_i = 81 / 3^(s - i)
    'the example of the paper',
    { steps: 81, least: 1 },
    [
      [
        [81, 1],
        [27, 3],
        [9, 9],
        [3, 27],
        [1, 81],
      ],
      [
        [34, 3],
        [11, 9],
        [3, 27],
        [1, 81],
      ],
      [
        [15, 9],
        [5, 27],
        [1, 81],
      ],
      [
        [8, 27],
        [2, 81],
      ],
      [[5, 81]],
    ],
  ],
  [
    'a thousand steps, by default',
    { steps: 1000 },
    [
      [
        [27, 37],
        [9, 111],
        [3, 333],
        [1, 1000],
      ],
      [
        [12, 111],
        [4, 333],
        [1, 1000],
      ],
      [
        [6, 333],
        [2, 1000],
      ],
      [[4, 1000]],
    ],
  ],
  [
    'a half each',
    { steps: 10, least: 3, eta: 2 },
    [
      [
        [2, 5],
        [1, 10],
      ],
      [[2, 10]],
    ],
  ],
  ['no halving', { steps: 7, least: 7 }, [[[1, 7]]]],
  ['a single step', { steps: 1 }, [[[1, 1]]]],
];

describe('hyperband', () => {
  test.each(sizes)('%s', (_, options, expected) => {
    expect(hyperband(options).map(asPairs)).toEqual(expected);
  });

  test.each([
    [{ steps: 0 }, 'search: expected a whole number of steps of at least 1, got 0'],
    [{ steps: 2.5 }, 'search: expected a whole number of steps of at least 1, got 2.5'],
    [{ steps: 10, least: 11 }, 'search: expected least steps from 1 to 10, got 11'],
    [{ steps: 10, least: 0 }, 'search: expected least steps from 1 to 10, got 0'],
    [{ steps: 10, eta: 1 }, 'search: expected a whole eta of at least 2, got 1'],
    [{ steps: 10, eta: Number.NaN }, 'search: expected a whole eta of at least 2, got NaN'],
  ])('%o is refused', (options, message) => {
    expect(() => hyperband(options)).toThrow(expect.objectContaining({ message }));
  });
});

describe('rounds', () => {
  const starts = (trials: number) => [...rounds({ steps: 81, least: 1 }, trials)].map(asPairs);
  const round = hyperband({ steps: 81, least: 1 }).map(asPairs);

  test.each([1, 2, 80, 81, 82, 143, 144, 300])('start %i trials, and one of each bracket sees all steps', (trials) => {
    const brackets = starts(trials);
    expect(brackets.reduce((sum, bracket) => sum + bracket[0]![0]!, 0)).toBe(trials);
    for (const bracket of brackets) {
      expect(bracket.at(-1)![0]).toBeGreaterThanOrEqual(1);
      expect(bracket.at(-1)![1]).toBe(81);
    }
  });

  test('begin again after the last bracket', () => {
    expect(starts(286)).toEqual([...round, ...round]);
    const endless = rounds({ steps: 81, least: 1 }, Number.POSITIVE_INFINITY);
    expect(Array.from({ length: 12 }, () => asPairs(endless.next().value!))).toEqual(
      [...round, ...round, ...round].slice(0, 12),
    );
  });

  test('cut the last bracket to the trials that are left', () => {
    expect(starts(81 + 10)[1]).toEqual([
      [10, 3],
      [3, 9],
      [1, 27],
      [1, 81],
    ]);
    expect(starts(81 + 34 + 2).at(-1)).toEqual([
      [2, 9],
      [1, 27],
      [1, 81],
    ]);
  });
});

describe('who goes on', () => {
  const record = (id: number, score: number, tie?: number): TrialRecord => ({
    ...{ id, score, bracket: 0, rung: 0, steps: 1, settings: { trainer: {}, algorithm: {} } },
    ...(tie !== undefined && { tie }),
    status: score === Number.NEGATIVE_INFINITY ? 'failed' : 'unfinished',
  });

  const rows: readonly (readonly [string, readonly TrialRecord[], number, readonly number[]])[] = [
    ['the highest scores', [record(4, 0.7), record(5, 0.9), record(6, 0.8)], 2, [5, 6]],
    ['of equal scores the lower log loss', [record(0, 0.9, 2), record(1, 0.9, 1), record(2, 0.8, 0)], 1, [1]],
    [
      'of equal scores one that has a log loss',
      [record(0, 0.9), record(1, 0.9, 5), record(2, 0.9, Number.NaN)],
      1,
      [1],
    ],
    ['of all that is equal the one started first', [record(7, 0.9, 1), record(3, 0.9, 1)], 1, [3]],
    ['of those without log losses too', [record(7, 0.9), record(3, 0.9, Number.POSITIVE_INFINITY)], 1, [3]],
    [
      'nobody who failed',
      [record(0, Number.NEGATIVE_INFINITY), record(1, -5), record(2, Number.NEGATIVE_INFINITY)],
      2,
      [1],
    ],
    ['nobody', [record(0, Number.NEGATIVE_INFINITY)], 1, []],
  ];

  test.each(rows)('%s', (_, judged, count, expected) => {
    expect(promoted(judged, count)).toEqual(expected);
    expect(promoted([...judged].reverse(), count)).toEqual(expected);
  });

  test('failed trials come last', () => {
    const ranked = [record(0, Number.NEGATIVE_INFINITY), record(1, -1e300)].sort(byRank);
    expect(ranked.map(({ id }) => id)).toEqual([1, 0]);
  });
});
