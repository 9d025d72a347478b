/** Attacks with another norm than usual, or towards a target, on linear classifiers: the least change is the same. */
import { describe, expect, test } from 'vitest';
import type { AttackName } from '../../src/attack/catalogue.js';
import type { GivenOptions } from '../../src/settings/index.js';
import { changeOf, findingsOf, linearCase } from './linear.js';
import { promises } from './promises.js';

describe('norms', () => {
  test.each<[AttackName, GivenOptions, 'l2' | 'linf']>([
    ['apgd-ce', { norm: 'l2' }, 'l2'],
    ['apgd-dlr', { norm: 'l2' }, 'l2'],
    ['deepfool', { norm: 'linf' }, 'linf'],
  ])('%s with %o', async (name, given, of) => {
    const linear = linearCase(11, [3, 4, 4], 6);
    const { options, bisect = false } = promises[name];
    for (const finding of await findingsOf(name, linear, { ...options, ...given }, { bisect })) {
      expect(finding.success).toBe(true);
      const [change, least] = [changeOf(linear, finding)[of], linear.exact[finding.id]![of]];
      expect(change).toBeGreaterThanOrEqual(least * (1 - 1e-4));
      expect(change, `sample ${finding.id}`).toBeLessThanOrEqual(1.25 * least);
    }
  });
});

describe('targets', () => {
  // of two classes that can win, to reach the other is to leave the label
  test.each<AttackName>([
    'apgd-ce',
    'apgd-dlr',
    'ddn',
    'fmn-l0',
    'fmn-l1',
    'fmn-l2',
    'fmn-linf',
    'carlini-wagner-l2',
    'deepfool',
  ])('%s', async (name) => {
    const linear = linearCase(12, [3, 4, 4], 6);
    const { options, of, most, bisect = false } = promises[name];
    for (const finding of await findingsOf(name, linear, options, { bisect, goal: { kind: 'offset', by: 1 } })) {
      expect(finding).toMatchObject({ success: true, predicted: 1 });
      const [change, least] = [changeOf(linear, finding)[of], linear.exact[finding.id]![of]];
      if (most) expect(change, `sample ${finding.id}`).toBeLessThanOrEqual(most(least));
    }
  });
});
