/** What every method of the catalogue promises, on a classifier and a regressor that are linear. */
import { describe, expect, test } from 'vitest';
import { explainerNamed, explainerNames } from '../../src/counterfactual/catalogue.js';
import type { Companions } from '../../src/counterfactual/ground/companions.js';
import { type End, embedded } from '../../src/counterfactual/ground/embedded.js';
import type { Wish } from '../../src/counterfactual/ground/goals.js';
import { type Ground, openGround } from '../../src/counterfactual/ground/ground.js';
import { outcomesOf } from '../../src/counterfactual/metrics/outcome.js';
import { summarize } from '../../src/counterfactual/metrics/summary.js';
import { runExplainer } from '../../src/counterfactual/run.js';
import { settledFor } from '../../src/counterfactual/settled.js';
import type { Samples } from '../../src/data/samples.js';
import type { Graph } from '../../src/ir/types.js';
import { type Bounds, boundsOf, scalingOf } from '../../src/oracle/bounds.js';
import type { Network } from '../../src/oracle/network.js';
import { observedIn, readSchema, violations } from '../../src/schema/index.js';
import type { GivenOptions } from '../../src/settings/index.js';
import { random } from '../../src/tensor/random.js';
import { float32 } from '../../src/tensor/tensor.js';
import { graphOf, node, typed } from '../helpers/graphs.js';

const columns = ['a', 'b', 'c', 'd'];
const count = 60;
const values = random(3, 'rows').uniforms(count * 4);
const x = typed('x', ['batch', 4]);

const samples: Samples = {
  count,
  batch: (from, to) => new Map([[x, float32([to - from, 4], values.subarray(from * 4, to * 4))]]),
  provenance: { files: [], description: 'made' },
};

/** Scores [batch, answers]: of classes, s and -s with s = 4 (a + b - c + d / 4 - 0.6); of a number, s alone. */
function linear(answers: 1 | 2): Graph {
  const [weight, shift] = [typed('w', [4, answers]), typed('shift', [1, answers])];
  const [sum] = [{ name: 'sum' }];
  const out = typed('out', ['batch', answers]);
  const signs = answers === 2 ? [1, -1] : [1];
  return graphOf({
    inputs: [x],
    outputs: [out],
    nodes: [node('MatMul', [x, weight], [sum]), node('Add', [sum, shift], [out])],
    initializers: new Map([
      [weight, float32([4, answers], Float32Array.from([4, 4, -4, 1].flatMap((w) => signs.map((sign) => w * sign))))],
      [shift, float32([1, answers], Float32Array.from(signs.map((sign) => -2.4 * sign)))],
    ]),
  });
}

/** One input through a matrix of [from, to]. */
function through(matrix: readonly number[], from: number, to: number): Graph {
  const [input, weight, out] = [typed('in', ['batch', from]), typed('m', [from, to]), typed('out', ['batch', to])];
  return graphOf({
    inputs: [input],
    outputs: [out],
    nodes: [node('MatMul', [input, weight], [out])],
    initializers: new Map([[weight, float32([from, to], Float32Array.from(matrix))]]),
  });
}

/** Halves of an autoencoder whose code is the example, turned by a quarter and doubled in its first two numbers. */
function halves(network: Network, bounds: Bounds): Companions {
  const examples: End = { kind: 'examples', network, scaling: scalingOf(bounds, [0, 1]) };
  const latent: End = { kind: 'latent' };
  const there = [0, 2, 0, 0, -2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  const back = [0, -0.5, 0, 0, 0.5, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  return {
    encoder: embedded('encoder', through(there, 4, 4), { from: examples, to: latent }),
    decoder: embedded('decoder', through(back, 4, 4), { from: latent, to: examples }),
  };
}

/** c must not change, and b may only rise. */
const limits = `
features:
  - {name: c, immutable: true}
  - {name: b, direction: increase}
`;

function opened(wish: Wish, schemaText = 'features: []', batch = 16): Promise<Ground> {
  return openGround(
    linear(wish.goal.kind === 'range' ? 1 : 2),
    samples,
    wish,
    { batch, threads: 1 },
    {
      reference: samples,
      companions: halves,
      schema: ({ rows }) => readSchema(schemaText, 'schema', columns, observedIn(rows[1]!, 4)),
    },
  );
}

/** Of methods that would take long. */
const quick: Record<string, GivenOptions> = {
  dice: { least: 100, steps: 150 },
  cem: { base: 'none', steps: 50 },
  cfproto: { steps: 50, rounds: 6 },
  revise: { steps: 150 },
  'c-chvae': { samples: 100, step: 0.3 },
};

const ways: [name: string, given: GivenOptions][] = [
  ...explainerNames.map((name): [string, GivenOptions] => [name, quick[name] ?? {}]),
  ['wachter', { form: 'alibi', steps: 200 }],
  ['face', { graph: 'epsilon', epsilon: 0.5 }],
  ['dice', { count: 3, least: 50, steps: 80 }],
  ['cfproto', { prototype: 'mean', neighbours: 5, steps: 50, rounds: 6 }],
  ['face', { weights: 'kde' }],
  ['face', { graph: 'epsilon', epsilon: 0.5, weights: 'spacing' }],
  // fewer than there are: the same ones for every batch
  ['face', { most: 40 }],
];

async function explained(ground: Ground, name: string, given: GivenOptions, batch = 16) {
  const method = explainerNamed(name);
  return runExplainer(method, settledFor(method, given, ground), ground, { batch });
}

describe.each(ways)('%s %j', (name, given) => {
  test('flips every instance of a linear model, within the ranges', async () => {
    const ground = await opened({ goal: { kind: 'other' } });
    const found = await explained(ground, name, given);
    expect(found.filter(({ success }) => !success)).toEqual([]);
    for (const { predicted, target, scores, margin, counterfactual } of found) {
      expect([predicted, target]).toContain(0);
      expect(scores[target]).toBeGreaterThan(scores[1 - target]!);
      expect(margin).toBeLessThan(0);
      counterfactual.forEach((value, i) => {
        expect(value).toBeGreaterThanOrEqual(ground.bounds.lower[i]!);
        expect(value).toBeLessThanOrEqual(ground.bounds.upper[i]!);
      });
    }
    await ground.release();
  });

  test('keeps to the schema, and says why where it finds nothing', async () => {
    const ground = await opened({ goal: { kind: 'other' } }, limits);
    const found = await explained(ground, name, given);
    // no example has the same c as an instance, so that none can be become
    expect(found.some(({ success }) => success)).toBe(name !== 'face');
    for (const { id, success, reason, counterfactual } of found) {
      expect(violations(ground.features.schema!, values.subarray(id * 4, id * 4 + 4), counterfactual)).toEqual([]);
      expect(reason === undefined).toBe(success);
    }
    await ground.release();
  });

  test('brings a regressor into a range', async () => {
    const ground = await opened({ goal: { kind: 'range', low: 0.5, high: 1.5 } });
    const found = await explained(ground, name, given);
    expect(found.filter(({ success }) => !success)).toEqual([]);
    for (const { scores } of found) {
      expect(scores[0]).toBeGreaterThan(0.5);
      expect(scores[0]).toBeLessThan(1.5);
    }
    await ground.release();
  });

  test('finds the same whatever the batch', async () => {
    const [large, small] = [
      await opened({ goal: { kind: 'other' } }),
      await opened({ goal: { kind: 'other' } }, undefined, 5),
    ];
    const [all, few] = [await explained(large, name, given, 16), await explained(small, name, given, 5)];
    expect(few.map(({ id, changed }) => [id, changed])).toEqual(all.map(({ id, changed }) => [id, changed]));
    await large.release();
    await small.release();
  });
});

test.each([
  ['face', {}, 'reference'],
  ['scfe', { plausibility: 'kde' }, 'reference'],
  ['scfe', { plausibility: 'autoencoder' }, 'autoencoder'],
  ['scfe', { plausibility: 'flow' }, 'flow'],
  ['revise', {}, 'variational autoencoder'],
  ['c-chvae', {}, 'variational autoencoder'],
])('%s %j without what it needs says so', async (name, given, need) => {
  const ground = await openGround(linear(2), samples, { goal: { kind: 'other' } }, { batch: 16, threads: 1 });
  await expect(explained(ground, name, given)).rejects.toThrow(
    `explain: ${name} expected a ${need}, got none; give one, or set the method otherwise`,
  );
  await ground.release();
});

test.each([
  ['autoencoder', [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], 4],
  ['flow', [-1, 0, 0, 0], 1],
] as const)('a given %s has its say: a feature that it likes low is raised less', async (name, matrix, width) => {
  const risen = async (theta: number): Promise<number> => {
    const wish: Wish = { goal: { kind: 'other' } };
    const ground = await openGround(
      linear(2),
      samples,
      wish,
      { batch: 16, threads: 1 },
      {
        bounds: ({ network }) => boundsOf([[0, 1]], network.space, 'given'),
        companions: (network, bounds) => {
          const examples: End = { kind: 'examples', network, scaling: scalingOf(bounds, [0, 1]) };
          const to: End = name === 'flow' ? { kind: 'number' } : examples;
          return { [name]: embedded(name, through(matrix, 4, width), { from: examples, to }) };
        },
      },
    );
    const found = await explained(ground, 'scfe', { plausibility: name, theta, penalty: 'none', refine: false });
    await ground.release();
    expect(found.every(({ success }) => success)).toBe(true);
    return found.reduce((sum, { counterfactual }) => sum + counterfactual[0]!, 0);
  };
  expect(await risen(1)).toBeLessThan((await risen(0)) - 0.5);
});

test('figures are those of the changes', async () => {
  const ground = await opened({ goal: { kind: 'other' } });
  const found = await explained(ground, 'scfe', { plausibility: 'none' });
  const outcomes = await outcomesOf(found, ground);
  const { lower, upper } = ground.bounds;
  outcomes.forEach((outcome) => {
    const change = outcome.counterfactual.map(
      (value, i) => Math.abs(value - values[outcome.id * 4 + i]!) / (upper[i]! - lower[i]!),
    );
    expect(outcome.l0).toBe(change.filter((each) => each > 0).length);
    expect(outcome.l1).toBeCloseTo(
      change.reduce((sum, each) => sum + each, 0),
      5,
    );
    expect(outcome.l2).toBeCloseTo(Math.hypot(...change), 5);
    expect(outcome.linf).toBeCloseTo(Math.max(...change), 5);
    // one feature is enough and nothing can be reset, or it would have been
    if (outcome.l0 === 1) expect(outcome.redundancy).toBe(0);
    expect(outcome.yNN! * 5).toBeCloseTo(Math.round(outcome.yNN! * 5), 9);
    expect(Number.isFinite(outcome.lof! + outcome.kde! + outcome.gmm! + outcome.madL1!)).toBe(true);
  });
  const { validity, overValid, overAll, changes } = summarize(outcomes);
  expect(validity).toBe(1);
  expect(overValid).toEqual(overAll);
  expect(changes.reduce((sum, each) => sum + each.count, 0)).toBe(outcomes.reduce((sum, { l0 }) => sum + l0, 0));
  await ground.release();
});

test('failures count as unchanged over all, and not at all over the valid', () => {
  const base = {
    id: 0,
    predicted: 0,
    target: 1,
    counterfactual: new Float32Array(1),
    scores: new Float32Array(2),
    margin: -1,
  };
  const figures = {
    changed: [3],
    alternatives: [],
    forwards: 1,
    backwards: 1,
    seconds: 1,
    elements: 2,
    l1: 1,
    l2: 1,
    linf: 1,
  };
  const summary = summarize([
    { ...base, ...figures, success: true, l0: 2 },
    { ...base, ...figures, success: true, l0: 4 },
    { ...base, ...figures, success: false, l0: 0, changed: [], reason: { kind: 'limit', text: 'late' } },
  ]);
  expect(summary.validity).toBeCloseTo(2 / 3, 12);
  expect([summary.overValid.l0, summary.overAll.l0]).toEqual([
    { mean: 3, median: 3 },
    { mean: 2, median: 2 },
  ]);
  expect([summary.changes, summary.reasons]).toEqual([[{ feature: 3, count: 2 }], { limit: 1 }]);
});
