/** Steps that the runtime takes by itself against the same steps made on arrays. */
import { describe, expect, test } from 'vitest';
import type { Case } from '../../src/counterfactual/case.js';
import { explainer } from '../../src/counterfactual/explainer.js';
import type { RunOptions } from '../../src/counterfactual/finding.js';
import { type Ground, openGround } from '../../src/counterfactual/ground/ground.js';
import { scfe } from '../../src/counterfactual/methods/scfe.js';
import { runBatch } from '../../src/counterfactual/run.js';
import { composite, type Weighted } from '../../src/counterfactual/search/composite.js';
import { descend, metricOf } from '../../src/counterfactual/search/descent.js';
import type { Descent } from '../../src/counterfactual/search/descent-scene.js';
import { plausibilities } from '../../src/counterfactual/search/plausibility.js';
import { penaltyNames, sparsityFor } from '../../src/counterfactual/search/sparsity.js';
import { distance } from '../../src/counterfactual/terms/distance.js';
import { boundsOf } from '../../src/oracle/bounds.js';
import { type GivenOptions, settle } from '../../src/settings/index.js';
import { linearCase } from '../attack/linear.js';

const [count, size, steps] = [8, 12, 40];
const linear = linearCase(7, [size], count);
// taken for examples of the class, whatever the model says of them
const reference = { ...linear.samples, labels: new Int32Array(count).fill(1) };

async function withGround<T>(use: (ground: Ground) => Promise<T>): Promise<T> {
  const ground = await openGround(
    linear.graph,
    linear.samples,
    { goal: { kind: 'class', label: 1 } },
    { batch: 3, threads: 1 },
    {
      ...{ input: 'x', reference, classes: 'data' },
      bounds: ({ network }) => boundsOf([[0, 1]], network.space, 'given'),
    },
  );
  try {
    return await use(ground);
  } finally {
    await ground.release();
  }
}

const rows = Array.from({ length: count }, (_, row) => row);

/** What a descent gives and costs. @param given of scfe's options. */
async function descended(ground: Ground, given: GivenOptions, run: Partial<RunOptions> = {}, only = rows) {
  const options = settle(scfe, { steps, step: 0.1, theta: 0.001, ...given });
  const ends: Float32Array[] = [];
  const told: number[] = [];
  let found: Case | undefined;
  const once = explainer({
    ...{ name: 'once', paper: '', asks: 'gradients', options: {} },
    async run(asked) {
      found = asked;
      const terms: Weighted[] = [
        { term: distance(asked.x, asked.features.weights), weight: 1 },
        { term: await plausibilities.kde.term(asked), weight: options.theta },
      ];
      const sparsity = sparsityFor(options, asked.features, asked.space);
      const objective = composite(asked.aim, terms);
      asked.weigh(terms, (change) => options.beta * sparsity.value(change), objective);
      const descent: Descent = {
        ...options,
        sparsity,
        metric: metricOf(terms, asked.size, options.step),
        weights: new Float64Array(asked.count).fill(3),
        scales: new Float32Array(asked.count).fill(1),
      };
      ends.push(await descend(asked, objective, asked.all, descent, (k) => void told.push(k)));
    },
  });
  await runBatch(once, {}, ground, only, { batch: count, ...run });
  return { end: ends[0], told, asked: found! };
}

// those whose nodes take no box, or that have none, are left to arrays
const emitted = penaltyNames.filter((name) => !['group-l2', 'segments'].includes(name));

describe.each(emitted)('%s', (penalty) => {
  test.each(['none', 'fista'] as const)('ends where steps on arrays end, momentum %s', async (momentum) => {
    await withGround(async (ground) => {
      const [looped, stepped] = [
        await descended(ground, { penalty, momentum, loop: 'yes' }),
        await descended(ground, { penalty, momentum, loop: 'no' }),
      ];
      looped.end!.forEach((value, i) => void expect(value, `element ${i}`).toBeCloseTo(stepped.end![i]!, 4));
      // it has moved at all, and not told after every step
      expect(stepped.end!.some((value, i) => Math.abs(value - linear.x[i]!) > 0.05)).toBe(true);
      expect(looped.told).toEqual([0, 25, 39]);
      expect(looped.asked.solved()).toEqual(stepped.asked.solved());
      for (const row of stepped.asked.solved()) expect(looped.asked.cost(row)).toBeCloseTo(stepped.asked.cost(row), 4);
      for (const row of rows) expect(looped.asked.nearest[row]).toBeCloseTo(stepped.asked.nearest[row]!, 3);
    });
  });
});

test.each(['group-l2', 'no'])('%s: steps on arrays, each of them told', async (way) => {
  await withGround(async (ground) => {
    const given = way === 'no' ? { loop: 'no' } : { penalty: way, loop: 'yes' };
    expect((await descended(ground, given)).told).toEqual(Array.from({ length: steps }, (_, k) => k));
  });
});

test('passes are counted, and what rests is left out', async () => {
  await withGround(async (ground) => {
    const { asked } = await descended(ground, { loop: 'yes' });
    expect([...asked.forwards]).toEqual([...asked.backwards]);
    for (const passes of asked.forwards) expect([1, 26, 40]).toContain(passes);
    // so dear that nothing moves
    const still = await descended(ground, { loop: 'yes', beta: 100 });
    expect([...still.asked.forwards]).toEqual(rows.map(() => 1));
    expect(still.end).toEqual(still.asked.x);
  });
});

test('a limit of forward passes is kept to the pass', async () => {
  await withGround(async (ground) => {
    const { asked } = await descended(ground, { loop: 'yes' }, { limits: { queries: 7 } });
    expect([...asked.forwards]).toEqual(rows.map(() => 7));
  });
});

test('a stop is heard between runs', async () => {
  await withGround(async (ground) => {
    const stop = new AbortController();
    const run = { signal: stop.signal, onCall: () => stop.abort() };
    await expect(descended(ground, { loop: 'yes' }, run)).rejects.toThrow(/abort/i);
  });
});

test('instances end alike whatever batch they are in', async () => {
  await withGround(async (ground) => {
    const { end } = await descended(ground, { loop: 'yes' });
    const alone = await descended(ground, { loop: 'yes' }, {}, [5]);
    alone.end!.forEach((value, i) => void expect(value).toBeCloseTo(end![5 * size + i]!, 5));
  });
});
