/** homotopy: no element changes by more than its limit, and groups come in one by one. */
import { expect, test } from 'vitest';
import { changeOf, findingsOf, linearCase } from './linear.js';

test.each([0.5, 1])('no element changes by more than %f, of a box of 2', async (limit) => {
  const linear = linearCase(13, [3, 6, 6], 4, 1);
  for (const finding of await findingsOf('homotopy', linear, { limit, segments: 12, steps: 20 })) {
    expect(finding.success).toBe(true);
    // the data's own box is half as wide
    expect(changeOf(linear, finding).linf).toBeLessThanOrEqual(limit / 2 + 1e-6);
  }
});

test('where one element is enough, at most half of four groups change', async () => {
  const linear = linearCase(17, [1, 8, 8], 3, 1);
  for (const { adversarial, id, success } of await findingsOf('homotopy', linear, {
    limit: 2,
    segments: 4,
    steps: 50,
  })) {
    expect(success).toBe(true);
    const changed = adversarial.filter((value, i) => value !== linear.x[id * 64 + i]).length;
    expect(changed).toBeLessThanOrEqual(32);
  }
});
