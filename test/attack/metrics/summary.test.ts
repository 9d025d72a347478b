/** Summaries over examples, targets and attacks. */
import { describe, expect, test } from 'vitest';
import { compareAttacks } from '../../../src/attack/metrics/comparison.js';
import { rightAt, robustnessCurve } from '../../../src/attack/metrics/robustness-curve.js';
import { percentile } from '../../../src/attack/metrics/spread.js';
import { type Pass, summarize } from '../../../src/attack/metrics/summary.js';
import { outcomeOf } from './outcomes.js';

const pass = (goal: string, sizes: readonly (number | undefined)[], targeted = false): Pass => ({
  goal,
  targeted,
  outcomes: sizes.map((size, id) => outcomeOf(id, size)),
});

describe('one pass', () => {
  const { passes, targets } = summarize([pass('untargeted', [4, undefined, 2, 12])]);

  test('has a rate of success, and means and medians over successes', () => {
    expect(passes[0]).toMatchObject({ attacked: 4, succeeded: 3, successRate: 0.75, goal: 'untargeted' });
    expect(passes[0]!.change!.l2).toEqual({ mean: 6, median: 4, least: 2, most: 12 });
    expect(targets).toBeUndefined();
  });

  test('has means over all, a failure being no change', () => {
    expect(passes[0]!.changeOfAll.positions).toBe(4.5);
    expect(passes[0]!.forwards).toEqual({ mean: 10, median: 10, least: 10, most: 10 });
  });

  test('without success has no change', () => {
    expect(summarize([pass('untargeted', [undefined])]).passes[0]).not.toHaveProperty('change');
  });

  test('tells success after rounding and interpretability where they were measured', () => {
    const scores = (value: number) => ({ 50: value, 60: value, 70: value, 80: value, 90: value });
    const outcomes = [
      outcomeOf(0, 1, { roundedSuccess: true, interpretability: scores(0.5) }),
      outcomeOf(1, 1, { roundedSuccess: false, interpretability: scores(1) }),
      outcomeOf(2, undefined, { roundedSuccess: false }),
      outcomeOf(3, undefined, { roundedSuccess: false }),
    ];
    const [summary] = summarize([{ goal: 'untargeted', targeted: false, outcomes }]).passes;
    expect(summary).toMatchObject({ successRate: 0.5, roundedSuccessRate: 0.25, interpretability: scores(0.75) });
  });
});

test('best, average and worst over targets', () => {
  const { targets } = summarize([
    pass('label + 1', [4, 1, undefined], true),
    pass('label + 2', [8, undefined, undefined], true),
    pass('label + 3', [6, 3, undefined], true),
  ]);
  expect(targets!.targets).toBe(3);
  // least over successful targets: 4 and 1
  expect(targets!.best).toMatchObject({ successRate: 2 / 3, counted: 2, change: { l2: 2.5 } });
  // nine pairs, five of them successful
  expect(targets!.average).toMatchObject({ successRate: 5 / 9, counted: 9, change: { l2: 22 / 9 } });
  // only the first example reached all
  expect(targets!.worst).toMatchObject({ successRate: 1 / 3, counted: 1, change: { l2: 8 } });
});

describe('robustness curve', () => {
  test('falls where the least change of an example lies', () => {
    const outcomes = [3, 1, undefined, 3].map((size, id) => outcomeOf(id, size));
    const curve = robustnessCurve(outcomes, 'l2');
    expect(curve).toEqual({ norm: 'l2', examples: 4, budgets: [0, 1, 3], right: [1, 0.75, 0.25] });
    expect([0, 0.9, 1, 2.9, 3, 100].map((budget) => rightAt(curve, budget))).toEqual([1, 1, 0.75, 0.75, 0.25, 0.25]);
  });

  test('pools passes: the nearest goal counts', () => {
    const { curves } = summarize([pass('label + 1', [4, 2], true), pass('label + 2', [3, undefined], true)]);
    expect(curves.find(({ norm }) => norm === 'linf')).toMatchObject({ budgets: [0, 2, 3], right: [1, 0.5, 0] });
  });

  test('keeps its ends when it has very many steps', () => {
    const outcomes = Array.from({ length: 5000 }, (_, id) => outcomeOf(id, id + 1));
    const { budgets, right } = robustnessCurve(outcomes, 'l1');
    expect(budgets.length).toBeLessThanOrEqual(256);
    expect([budgets[0], budgets.at(-1), right[0], right.at(-1)]).toEqual([0, 5000, 1, 0]);
  });
});

test('attacks are compared over what all of them reached, and together by what any of them did', () => {
  const { attacked, succeeded, shared, curves } = compareAttacks([
    { name: 'a', passes: [pass('untargeted', [1, 9, undefined, undefined])] },
    { name: 'b', passes: [pass('untargeted', [2, undefined, 4, undefined])] },
  ]);
  expect([attacked, succeeded]).toEqual([4, 3]);
  expect(shared.counted).toBe(1);
  expect(shared.attacks.map(({ name, change }) => [name, change!.positions])).toEqual([
    ['a', 1],
    ['b', 2],
  ]);
  expect(curves.find(({ norm }) => norm === 'positions')).toMatchObject({
    budgets: [0, 1, 4, 9],
    right: [1, 0.75, 0.5, 0.25],
  });
});

test('percentiles lie between values in proportion', () => {
  expect([0, 25, 50, 75, 100].map((percent) => percentile([0, 1, 2, 10], percent))).toEqual([0, 0.75, 1.5, 4, 10]);
});
