/** DiCE: several counterfactuals that differ, and small changes that are moved back. */
import { expect, test } from 'vitest';
import type { Case } from '../../src/counterfactual/case.js';
import { explainer } from '../../src/counterfactual/explainer.js';
import { type GroundOptions, openGround } from '../../src/counterfactual/ground/ground.js';
import { referenceOf } from '../../src/counterfactual/ground/reference.js';
import { dice } from '../../src/counterfactual/methods/dice.js';
import { runExplainer } from '../../src/counterfactual/run.js';
import { diversityOf } from '../../src/counterfactual/search/diversity.js';
import { moveBack } from '../../src/counterfactual/search/post-hoc.js';
import { smallChangesOf } from '../../src/counterfactual/search/small-changes.js';
import type { Samples } from '../../src/data/samples.js';
import { observedIn, readSchema, violations } from '../../src/schema/index.js';
import { settle } from '../../src/settings/index.js';
import { random } from '../../src/tensor/random.js';
import { float32 } from '../../src/tensor/tensor.js';
import { count, graph, input, opened, other, samples, scoreOf, size, w, x } from './two-sides.js';

test('diversity is a determinant, and its gradient what it rises by', () => {
  const weights = Float32Array.of(1, 2, 0.5);
  const points = random(5, 'points').uniforms(12);
  const two = diversityOf(points.slice(0, 6), weights).value;
  const likeness = 1 / (1 + weights.reduce((sum, each, i) => sum + each * Math.abs(points[i]! - points[i + 3]!), 0));
  expect(two).toBeCloseTo(1.0001 ** 2 - likeness ** 2, 6);
  const { value, gradient } = diversityOf(points, weights);
  expect(value).toBeGreaterThan(0);
  points.forEach((_, at) => {
    const moved = (by: number): number =>
      diversityOf(
        points.map((each, i) => (i === at ? each + by : each)),
        weights,
      ).value;
    expect((moved(1e-3) - moved(-1e-3)) / 2e-3).toBeCloseTo(gradient[at]!, 3);
  });
});

/** The points that a run of DiCE ends at, by instance. */
async function endsOf(given: Parameters<typeof settle>[1]): Promise<Map<string, Float32Array[]>> {
  const ends = new Map<string, Float32Array[]>();
  const spied = {
    ...dice,
    run(asked: Case, options: Parameters<typeof dice.run>[1]) {
      const propose = asked.propose.bind(asked);
      asked.propose = async (points, rows) => {
        const judged = await propose(points, rows);
        rows.forEach((row, j) => {
          const name = `${asked.label} ${row}`;
          const point = judged.points.slice(j * size, (j + 1) * size);
          if (judged.margins[j]! < 0) ends.set(name, [...(ends.get(name) ?? []), point]);
        });
        return judged;
      };
      return dice.run(asked, options);
    },
  };
  const ground = await opened();
  await runExplainer(spied, settle(dice, { sparsity: 0, least: 200, steps: 400, ...given }), ground, { batch: count });
  await ground.release();
  return ends;
}

test('several points of an instance all reach the goal, and differ the more the heavier their diversity is', async () => {
  const apart = async (diversity: number): Promise<number> => {
    const ends = [...(await endsOf({ count: 3, diversity })).values()];
    expect(ends.every((points) => points.length === 3)).toBe(true);
    expect(ends.length).toBe(count);
    const distance = (a: Float32Array, b: Float32Array): number =>
      a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0);
    return ends.reduce((sum, [a, b, c]) => sum + distance(a!, b!) + distance(b!, c!) + distance(a!, c!), 0);
  };
  const [none, usual] = [await apart(0), await apart(1)];
  expect(usual).toBeGreaterThan(2 * none);
});

test('features are moved back as far as the goal holds, the smallest change first', async () => {
  const ends: Float32Array[] = [];
  const starts: Float32Array[] = [];
  /** All elements moved to where they help most but for the last, which is moved by 0.01 for nothing. */
  const method = explainer({
    name: 'moving',
    paper: 'none',
    asks: 'scores',
    options: {},
    async run(asked) {
      const points = asked.x.map((value, at) => {
        if (at % size === size - 1) return value > 0.5 ? value - 0.01 : value + 0.01;
        return w[at % size]! > 0 === scoreOf(asked.x.slice(at - (at % size), at - (at % size) + size)) < 0 ? 1 : 0;
      });
      const { margins } = await asked.propose(points, asked.all);
      const reached = asked.all.filter((row) => margins[row]! < 0);
      const packed = Float32Array.from(reached.flatMap((row) => [...points.subarray(row * size, (row + 1) * size)]));
      const limits = new Float32Array(size).fill(1).fill(0, 0, 1);
      const found = await moveBack(asked, packed, reached, limits);
      reached.forEach((row, j) => {
        starts.push(asked.input(row).slice());
        ends.push(found.slice(j * size, (j + 1) * size));
      });
    },
  });
  const ground = await opened();
  await runExplainer(method, {}, ground, { batch: count });
  await ground.release();
  expect(ends.length).toBeGreaterThan(5);
  ends.forEach((point, j) => {
    const row = starts[j]!;
    // still on the other side
    expect(scoreOf(point) > 0).toBe(scoreOf(row) < 0);
    // more than is small stays where it is; what was for nothing is as it was, to the bit
    expect([0, 1]).toContain(point[0]);
    expect(point[size - 1]).toBe(row[size - 1]);
    // one step more of any other feature is one too many
    for (let i = 1; i < size - 1; i++) {
      if (point[i] === row[i]) continue;
      const end = w[i]! > 0 === scoreOf(row) < 0 ? 1 : 0;
      const back = point.slice();
      back[i] = point[i]! + (row[i]! - end) / 10;
      expect(scoreOf(back) > 0).toBe(scoreOf(row) > 0);
    }
  });
});

test('a small change is one within a quantile of the distances from the median, and within their median', () => {
  // distances of the values that occur from their median, 4: 4 2 0 2 4, and of all rows from theirs, 2: 2 2 2 2 0 0 0 2 4 6
  const first = [0, 0, 0, 0, 2, 2, 2, 4, 6, 8];
  const points = Float32Array.from(first.flatMap((value, i) => [value, i]));
  const reference = referenceOf(points, new Int32Array(10), 2, { seed: 0, standardise: false });
  const features = {
    count: 2,
    labels: Int32Array.of(0, 1),
    costs: new Float32Array(2),
    weights: new Float32Array(2),
    isPlain: true,
  };
  const of = (quantile: number): number[] => [...smallChangesOf(reference, features, quantile)];
  expect(of(0.125)).toEqual([1, 0.625]);
  expect(of(1)).toEqual([2, 2.5]);
});

test('categories come out whole: what is off a sum of 1 costs, and what is proposed is allowed', async () => {
  const text = 'features: [{name: kind, type: categorical, columns: {left: a, middle: b, right: d}}]';
  const rows = x.map((value, at) => {
    const kind = Math.floor(at / size) % 3;
    return { 0: Number(kind === 0), 1: Number(kind === 1), 3: Number(kind === 2) }[at % size] ?? value;
  });
  const kinds: Samples = {
    ...samples,
    batch: (from, to) => new Map([[input, float32([to - from, size], rows.subarray(from * size, to * size))]]),
  };
  const options: GroundOptions = {
    reference: kinds,
    schema: ({ rows: [own] }) => readSchema(text, 'schema', [...'abcdef'], observedIn(own!, size)),
  };
  const ground = await openGround(graph, kinds, other, { batch: count, threads: 1 }, options);
  const off = async (categories: number): Promise<number> => {
    let sum = 0;
    const spied = {
      ...dice,
      run(asked: Case, given: Parameters<typeof dice.run>[1]) {
        const propose = asked.propose.bind(asked);
        asked.propose = (points, all) => {
          for (let at = 0; at < points.length; at += size)
            sum += Math.abs(points[at]! + points[at + 1]! + points[at + 3]! - 1);
          return propose(points, all);
        };
        return dice.run(asked, given);
      },
    };
    const found = await runExplainer(spied, settle(dice, { sparsity: 0, categories, least: 100, steps: 300 }), ground, {
      batch: count,
    });
    expect(found.filter(({ success }) => success).length).toBeGreaterThan(count / 2);
    for (const { id, counterfactual } of found)
      expect(violations(ground.features.schema!, rows.subarray(id * size, (id + 1) * size), counterfactual)).toEqual(
        [],
      );
    return sum;
  };
  expect(await off(1)).toBeLessThan(0.5 * (await off(0)));
  await ground.release();
});
