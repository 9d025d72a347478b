/** strattack: what it keeps is the group-sparse copy, and refinement only shortens it. */
import { expect, test } from 'vitest';
import { changeOf, findingsOf, linearCase } from './linear.js';

const linear = linearCase(11, [3, 8, 8], 6, 3);
const options = { steps: 100, searchSteps: 5, refineSteps: 100, refineSearchSteps: 4 };
const coarse = await findingsOf('strattack', linear, { ...options, refinement: 'none' });
const positions = 64;

const changed = (finding: (typeof coarse)[number]): boolean[] =>
  Array.from(finding.adversarial, (value, i) => value !== linear.x[finding.id * finding.adversarial.length + i]);

test('groups stay as they are where descent alone would change all', () => {
  const counts = coarse.map((finding) => changeOf(linear, finding).positions);
  expect(Math.min(...counts)).toBeLessThan(positions / 2);
  expect(counts.reduce((a, b) => a + b, 0)).toBeLessThan(0.75 * positions * counts.length);
});

test.each(['original', 'port'])('refinement as in the %s code is shorter on the same support', async (refinement) => {
  const fine = await findingsOf('strattack', linear, { ...options, refinement });
  fine.forEach((finding, i) => {
    expect(changeOf(linear, finding).l2).toBeLessThanOrEqual(changeOf(linear, coarse[i]!).l2);
    const support = changed(coarse[i]!);
    expect(changed(finding).every((is, at) => !is || support[at])).toBe(true);
  });
  if (refinement === 'original')
    expect(fine.some((finding, i) => changeOf(linear, finding).l2 < 0.9 * changeOf(linear, coarse[i]!).l2)).toBe(true);
});
