/** What of an instance is enough for its class, on a linear classifier where the least of it is known. */
import { expect, test } from 'vitest';
import type { Finding } from '../../src/counterfactual/finding.js';
import { type GroundOptions, openGround } from '../../src/counterfactual/ground/ground.js';
import { pertinentPositive, pertinentPositives } from '../../src/counterfactual/methods/pertinent-positive.js';
import type { Samples } from '../../src/data/samples.js';
import { observedIn, readSchema } from '../../src/schema/index.js';
import { type GivenOptions, settle } from '../../src/settings/index.js';
import { float32 } from '../../src/tensor/tensor.js';
import {
  affine,
  costOf,
  count,
  graph,
  input,
  least,
  opened,
  other,
  rich,
  rowOf,
  samples,
  shift,
  size,
  w,
  x,
} from './two-sides.js';

const positives = async (given: GivenOptions, options: GroundOptions = {}): Promise<Finding[]> => {
  const ground = await opened(options);
  try {
    return await pertinentPositives(ground, settle(pertinentPositive, given), { batch: count });
  } finally {
    await ground.release();
  }
};

test('are nearly the least of an instance that keeps its class, and nothing where none is needed', async () => {
  const found = await positives({ beta: 0.3, ...rich });
  for (const { id, success, target, predicted, counterfactual, changed, scores } of found) {
    const row = rowOf(id);
    expect([success, target]).toEqual([true, predicted]);
    expect(scores[target]).toBeGreaterThan(scores[1 - target]!);
    // an empty row is of class 1
    if (predicted === 1) {
      expect([changed, [...counterfactual]]).toEqual([[], Array(size).fill(0)]);
      continue;
    }
    counterfactual.forEach((value, i) => {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(row[i]!);
    });
    const room = w.map((weight, i) => (weight > 0 ? row[i]! : 0));
    const moves = least(0.3, -shift, room)!;
    expect(changed).toEqual([...counterfactual.keys()].filter((i) => counterfactual[i] !== 0));
    expect(costOf(0.3, counterfactual)).toBeGreaterThan(0.999 * costOf(0.3, moves));
    expect(costOf(0.3, counterfactual)).toBeLessThan(1.05 * costOf(0.3, moves) + 1e-3);
  }
  expect(new Set(found.map(({ predicted }) => predicted))).toEqual(new Set([0, 1]));
});

test('lie between the medians and the instance, and are the same whatever the batch', async () => {
  const found = await positives({ base: 'median', steps: 40 });
  const few = await positives({ base: 'median', steps: 40 }, { rows: [3, 4] });
  expect(few.map(({ id, counterfactual }) => [id, counterfactual])).toEqual(
    [3, 4].map((id) => [id, found[id]!.counterfactual]),
  );
  for (const { id, success, counterfactual } of found) {
    expect(success).toBe(true);
    counterfactual.forEach((value, j) => {
      const own = x.filter((_, at) => at % size === j).sort();
      const ends = [(own[count / 2 - 1]! + own[count / 2]!) / 2, rowOf(id)[j]!];
      expect(value).toBeGreaterThanOrEqual(Math.min(...ends) - 1e-6);
      expect(value).toBeLessThanOrEqual(Math.max(...ends) + 1e-6);
    });
  }
});

test('count the columns of a category as one feature, whether a row of the rest would be allowed or not', async () => {
  const text =
    'features: [{name: all, type: categorical, columns: {one: a, two: c, three: e}}, {name: b, immutable: true, range: [0, 1]}]';
  const rows = Float32Array.from([1, 0.2, 0, 0, 0, 0, 0, 0.9, 1, 0.1, 0, 0]);
  const kinds: Samples = {
    ...samples,
    count: 2,
    batch: (from, to) => new Map([[input, float32([to - from, size], rows.subarray(from * size, to * size))]]),
  };
  const ground = await openGround(
    graph,
    kinds,
    other,
    { batch: 2, threads: 1 },
    { schema: ({ rows: [own] }) => readSchema(text, 'schema', [...'abcdef'], observedIn(own!, size)) },
  );
  const found = await pertinentPositives(ground, settle(pertinentPositive, rich), { batch: 2 });
  await ground.release();
  // 3 and 2.5 of the category alone outweigh the shift; the second instance is of class 1 as an empty one is
  expect(found.map(({ predicted, changed }) => [predicted, changed])).toEqual([
    [0, [0]],
    [1, []],
  ]);
  const [part, ...rest] = found[0]!.counterfactual;
  expect(part).toBeGreaterThan(-shift / 3);
  expect(part).toBeLessThan(-shift / 3 + 0.05);
  expect(rest).toEqual([0, 0, 0, 0, 0]);
});

test('of a range there are none', async () => {
  const ground = await openGround(
    affine(w, [shift]),
    samples,
    { goal: { kind: 'range', low: 5, high: 9 } },
    { batch: count, threads: 1 },
  );
  await expect(pertinentPositives(ground, settle(pertinentPositive, {}), { batch: count })).rejects.toThrow(
    'explain: pertinent-positive expected a classifier, got a range as goal; ask for a class',
  );
  await ground.release();
});
