/** PGD in three norms: its options, targets, and steps in the l1 ball. */
import { describe, expect, test } from 'vitest';
import type { AttackName } from '../../src/attack/catalogue.js';
import { l1Geometry, sparseStep } from '../../src/attack/l1-geometry.js';
import type { GivenOptions } from '../../src/settings/index.js';
import { random } from '../../src/tensor/random.js';
import { changeOf, findingsOf, linearCase } from './linear.js';
import { promises } from './promises.js';

const names: readonly AttackName[] = ['fgsm', 'mi-fgsm', 'pgd-linf', 'pgd-l2', 'pgd-l1'];

describe('targets', () => {
  // of two classes that can win, to reach the other is to leave the label
  test.each(names)('%s', async (name) => {
    const linear = linearCase(12, [3, 4, 4], 6);
    const { options, of, most } = promises[name];
    for (const finding of await findingsOf(name, linear, options, { bisect: true, goal: { kind: 'offset', by: 1 } })) {
      expect(finding).toMatchObject({ success: true, predicted: 1 });
      if (most) expect(changeOf(linear, finding)[of]).toBeLessThanOrEqual(most(linear.exact[finding.id][of]));
    }
  });
});

test.each<GivenOptions>([{ loss: 'carlini-wagner' }, { randomStart: false }, { restarts: 3, steps: 10 }])(
  'pgd with %o comes as near',
  async (given) => {
    const linear = linearCase(13, [1, 6, 6], 5);
    for (const name of ['pgd-linf', 'pgd-l2', 'pgd-l1'] as const) {
      const { options, of, most } = promises[name];
      for (const finding of await findingsOf(name, linear, { ...options, ...given }, { bisect: true })) {
        expect(finding.success).toBe(true);
        expect(changeOf(linear, finding)[of]).toBeLessThanOrEqual(most!(linear.exact[finding.id][of]));
      }
    }
  },
);

test('fgsm takes one step, and what it does not need of the budget is not counted', async () => {
  const [finding] = await findingsOf('fgsm', linearCase(14, [20], 1), { eps: 0.5 });
  expect(finding).toMatchObject({ success: true, forwards: 2, backwards: 1 });
});

describe('the l1 ball', () => {
  const size = 50;
  const rng = random(4, 'l1');
  const l1 = (values: Float32Array): number => values.reduce((sum, value) => sum + Math.abs(value), 0);

  test('a step changes few elements, and others where the box holds these back', () => {
    const slope = rng.normals(size);
    const [low, high] = [slope.map(() => -0.3), slope.map(() => 0.3)];
    const first = new Float32Array(size);
    sparseStep(slope, first, low, high, { length: 0.8, few: 4 });
    expect(first.filter((value) => value !== 0)).toHaveLength(4);
    expect(l1(first)).toBeCloseTo(0.8, 6);
    const second = new Float32Array(first);
    sparseStep(slope, second, low, high, { length: 0.8, few: 4 });
    // 0.1 more of each of the first four, then two others by 0.2
    expect([...second].filter((value) => Math.abs(Math.abs(value) - 0.3) < 1e-6)).toHaveLength(4);
    expect(l1(second)).toBeCloseTo(1.6, 5);
    expect(Math.max(...second.map(Math.abs))).toBeLessThanOrEqual(Math.fround(0.3));
  });

  test('a random start is inside', () => {
    const change = new Float32Array(size);
    l1Geometry.draw(rng, 2, change);
    expect(l1(change)).toBeLessThan(2);
    expect(l1(change)).toBeGreaterThan(1);
    expect(new Set(change.map(Math.sign))).toEqual(new Set([-1, 1]));
  });
});
