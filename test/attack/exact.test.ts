/** Attacks on linear classifiers in a box, where the least change is known: none may claim less, and each must come near it. */
import { describe, expect, test } from 'vitest';
import { type AttackName, attackNamed, attacks } from '../../src/attack/catalogue.js';
import { changeOf, findingsOf, linearCase, type Shape } from './linear.js';
import { promises } from './promises.js';

const shapes: readonly Shape[] = [[40], [1, 8, 8], [3, 5, 5]];
const sizes = [1, 4, 7];
const cases = shapes.flatMap((shape) => sizes.map((count) => ({ shape, count })));

describe.each(Object.keys(attacks) as AttackName[])('%s', (name) => {
  const { of, most, options = {}, bisect = false, succeeds = () => true } = promises[name];

  test.each(cases)('finds a valid change of $shape, $count at a time', async ({ shape, count }) => {
    const linear = linearCase(shape.length * 100 + count, shape, count);
    for (const finding of await findingsOf(name, linear, options, { bisect })) {
      const least = linear.exact[finding.id]!;
      const change = changeOf(linear, finding);
      expect(finding.success, `sample ${finding.id}, least ${least[of]}`).toBe(succeeds(least[of]));
      if (!finding.success) continue;
      expect(finding.margin).toBeLessThan(0);
      expect(Math.min(...finding.adversarial)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...finding.adversarial)).toBeLessThanOrEqual(1);
      // rounding of inputs to float32
      expect(change[of]).toBeGreaterThanOrEqual(least[of] * (1 - 1e-4));
      expect(change.positions).toBeGreaterThanOrEqual(least.positions);
      if (most) expect(change[of], `sample ${finding.id}`).toBeLessThanOrEqual(most(least[of]));
    }
  });

  test('counts what it asked of the model', async () => {
    for (const { forwards, backwards } of await findingsOf(name, linearCase(5, [40], 3), options)) {
      expect(forwards).toBeGreaterThan(0);
      expect(backwards > 0).toBe(attackNamed(name).needs === 'gradients');
    }
  });

  test('finds the same whatever the batch', async () => {
    const linear = linearCase(7, [40], 4);
    const whole = await findingsOf(name, linear, options);
    const parts = await findingsOf(name, linear, options, { batch: 2 });
    const changes = (findings: typeof whole): number[] => findings.map((each) => changeOf(linear, each).positions);
    expect(changes(parts)).toEqual(changes(whole));
  });
});
