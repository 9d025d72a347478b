/** S-CFE on linear classifiers, where the fewest changes that flip the class are known exactly. */
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/counterfactual/finding.js';
import type { Wish } from '../../src/counterfactual/ground/goals.js';
import { type GroundOptions, openGround } from '../../src/counterfactual/ground/ground.js';
import type { MeasureName } from '../../src/counterfactual/measures.js';
import { scfe } from '../../src/counterfactual/methods/scfe.js';
import { runExplainer } from '../../src/counterfactual/run.js';
import { boundsOf } from '../../src/oracle/bounds.js';
import { type GivenOptions, settle } from '../../src/settings/index.js';
import { type LinearCase, linearCase } from '../attack/linear.js';

const count = 8;
const shapes = [[12], [2, 9], [3, 4, 4]];
const plain = { plausibility: 'none' };
const toOther: Wish = { goal: { kind: 'class', label: 1 } };

interface Asked {
  readonly wish?: Wish;
  readonly batch?: number;
  readonly keep?: MeasureName;
}

async function explained(
  linear: LinearCase,
  given: GivenOptions = plain,
  { wish = toOther, batch = count, keep = 'sparsity', ...options }: GroundOptions & Asked = {},
): Promise<Finding[]> {
  const ground = await openGround(
    linear.graph,
    linear.samples,
    wish,
    { batch, threads: 1 },
    {
      input: 'x',
      bounds: ({ network }) => boundsOf([[0, 1]], network.space, 'given'),
      ...options,
    },
  );
  try {
    return await runExplainer(scfe, settle(scfe, given), ground, { batch, keep });
  } finally {
    await ground.release();
  }
}

describe.each(shapes.map((shape) => [shape]))('instances of shape %s', (shape) => {
  const linear = linearCase(7, shape, count);

  test('are flipped by nearly as few features as can be, and never fewer', async () => {
    const found = await explained(linear);
    expect(found.map(({ id, success }) => [id, success])).toEqual(Array.from({ length: count }, (_, id) => [id, true]));
    found.forEach(({ changed, margin, id, counterfactual }) => {
      const { positions } = linear.exact[id]!;
      expect(margin).toBeLessThan(0);
      expect(changed.length).toBeGreaterThanOrEqual(positions);
      expect(changed.length).toBeLessThanOrEqual(Math.max(positions + 1, Math.ceil(1.25 * positions)));
      expect(counterfactual.every((value) => value >= 0 && value <= 1)).toBe(true);
    });
  });

  test('are explained alike in batches of any size', async () => {
    const [all, three] = [await explained(linear), await explained(linear, plain, { batch: 3 })];
    expect(three.map(({ changed }) => changed)).toEqual(all.map(({ changed }) => changed));
  });
});

const linear = linearCase(7, [12], count);

const ways: [string, GivenOptions][] = [
  ['l1/2', { penalty: 'l1/2' }],
  ['l2/3', { penalty: 'l2/3' }],
  ['lp', { penalty: 'lp', power: 0.3 }],
  ['l1', { penalty: 'l1' }],
  ['no penalty', { penalty: 'none' }],
  ['group l2', { penalty: 'group-l2' }],
  ['at most six elements', { penalty: 'at-most-k', most: 6 }],
  ['the monotone descent', { momentum: 'monotone' }],
  ['no momentum', { momentum: 'none' }],
  ['a line search', { 'line-search': true }],
  ['the steps of the published code', { schedule: 'faithful' }],
  ['constant steps', { schedule: 'constant' }],
  ['an unscaled goal', { scaled: false }],
  ['no refinement', { refine: false }],
];

test.each(ways)('%s finds all', async (_, given) => {
  const found = await explained(linear, { ...plain, ...given });
  expect(found.filter(({ success }) => !success)).toEqual([]);
  if (given.penalty === 'at-most-k')
    expect(Math.max(...found.map(({ changed }) => changed.length))).toBeLessThanOrEqual(6);
});

describe.each(['kde', 'gmm', 'gravity', 'prototype'])('plausibility by %s', (plausibility) => {
  test('finds all', async () => {
    // taken for examples of the class, whatever the model says of them
    const reference = { ...linear.samples, labels: new Int32Array(count).fill(1) };
    const given = { reference, classes: 'data' as const };
    const found = await explained(linear, { plausibility, theta: 0.001 }, given);
    expect(found.every(({ success }) => success)).toBe(true);
  });
});

test.each(['sparsity', 'distance', 'objective'] as const)(
  '%s is what is kept, and no other way does better by it',
  async (keep) => {
    const size = linear.shape[0]!;
    const measured = {
      sparsity: ({ changed }: Finding) => changed.length,
      distance: ({ counterfactual, id }: Finding) =>
        Math.hypot(...counterfactual.map((value, i) => value - linear.x[id * size + i]!)),
      objective: ({ counterfactual, changed, id }: Finding) =>
        0.5 * changed.length +
        counterfactual.reduce((sum, value, i) => sum + (value - linear.x[id * size + i]!) ** 2, 0),
    }[keep];
    const own = await explained(linear, plain, { keep });
    for (const other of ['sparsity', 'distance', 'objective'] as const) {
      const found = await explained(linear, plain, { keep: other });
      const sum = (all: readonly Finding[]): number => all.reduce((total, finding) => total + measured(finding), 0);
      expect(sum(own)).toBeLessThanOrEqual(sum(found) + 1e-3);
    }
  },
);

test('segments change steps that lie together, in fewer runs than the fewest steps do', async () => {
  const series = linearCase(7, [2, 9], count);
  const runs = (found: readonly Finding[]): number =>
    found.reduce((sum, { changed }) => sum + changed.filter((step, i) => changed[i - 1] !== step - 1).length, 0);
  const objective: Asked = { keep: 'objective' };
  const [apart, together] = [
    await explained(series, plain, objective),
    await explained(series, { ...plain, penalty: 'segments', beta: 1 }, objective),
  ];
  expect(together.every(({ success }) => success)).toBe(true);
  expect(runs(together)).toBeLessThan(runs(apart));
});

test('a margin is kept to, and a probability', async () => {
  for (const { margin } of await explained(linear, plain, { wish: { ...toOther, margin: 0.2 } }))
    expect(margin).toBeLessThan(0);
  const sure = await explained(linear, plain, { wish: { ...toOther, probability: 0.9 } });
  sure.forEach(({ scores, success }) => {
    if (!success) return;
    const odds = scores.map((score) => Math.exp(score - scores[1]!)).reduce((sum, each) => sum + each, 0);
    expect(1 / odds).toBeGreaterThan(0.9);
  });
});

test('what cannot be reached says how near it came, and nothing that is fixed moves', async () => {
  const mask = () => Uint8Array.from({ length: 12 }, (_, i) => Number(i < 2));
  const found = await explained(linear, { ...plain, rounds: 4 }, { mask });
  found.forEach(({ success, changed, reason, counterfactual, id }) => {
    expect(changed.every((f) => f < 2)).toBe(true);
    expect([...counterfactual.subarray(2)]).toEqual([...linear.x.subarray(id * 12 + 2, (id + 1) * 12)]);
    if (!success) expect(reason).toMatchObject({ kind: 'not reached', missing: expect.any(Number) });
  });
  expect(found.some(({ success }) => !success)).toBe(true);
});

test('nothing may change: nothing is found, and that is said', async () => {
  const found = await explained(linear, { ...plain, rounds: 2 }, { mask: () => new Uint8Array(12) });
  expect(found.map(({ reason }) => reason?.kind)).toEqual(Array(count).fill('nothing may change'));
});
