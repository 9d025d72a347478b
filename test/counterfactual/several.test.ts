/** Several counterfactuals of one instance of linear models, where all that can be told is known. */
import { describe, expect, test } from 'vitest';
import { explainerNamed } from '../../src/counterfactual/catalogue.js';
import type { Finding, RunOptions } from '../../src/counterfactual/finding.js';
import { featuresOf } from '../../src/counterfactual/ground/features.js';
import { openGround } from '../../src/counterfactual/ground/ground.js';
import { type Outcome, outcomesOf } from '../../src/counterfactual/metrics/outcome.js';
import { runExplainer } from '../../src/counterfactual/run.js';
import { settledFor } from '../../src/counterfactual/settled.js';
import { type Choice, choices, diverse } from '../../src/counterfactual/several/diverse.js';
import { spanOf } from '../../src/counterfactual/several/kernel.js';
import { Pool } from '../../src/counterfactual/several/pool.js';
import type { Samples } from '../../src/data/samples.js';
import { spaceOf } from '../../src/oracle/space.js';
import { observedIn, readSchema, violations } from '../../src/schema/index.js';
import type { GivenOptions } from '../../src/settings/index.js';
import { random } from '../../src/tensor/random.js';
import { float32 } from '../../src/tensor/tensor.js';
import { graphOf, node, typed } from '../helpers/graphs.js';

const columns = ['a', 'b', 'c', 'd', 'e'];
const weights = [4, 3, 2.5, 2, 0.5];
const x = typed('x', ['batch', 5]);

/** Class 1 where the weighted sum is above the bias, 1.8. */
const graph = (() => {
  const [weight, shift] = [typed('w', [5, 2]), typed('shift', [1, 2])];
  const [sum, out] = [{ name: 'sum' }, typed('out', ['batch', 2])];
  return graphOf({
    inputs: [x],
    outputs: [out],
    nodes: [node('MatMul', [x, weight], [sum]), node('Add', [sum, shift], [out])],
    initializers: new Map([
      [weight, float32([5, 2], Float32Array.from(weights.flatMap((w) => [-w, w])))],
      [shift, float32([1, 2], Float32Array.of(1.8, -1.8))],
    ]),
  });
})();

const samplesOf = (rows: readonly (readonly number[])[]): Samples => ({
  count: rows.length,
  batch: (from, to) => new Map([[x, float32([to - from, 5], Float32Array.from(rows.slice(from, to).flat()))]]),
  provenance: { files: [], description: 'made' },
});

/** Of both classes, on the steps and within the limits that the tests ask for. */
const examples = [0, 0.25, 0.5, 0.75].flatMap((a) =>
  [0, 0.2, 0.6, 0.9].flatMap((b) =>
    [0, 0.1, 0.2].flatMap((c) => [
      [a, b, c, 1, 0],
      [a, b, c, 0, 1],
    ]),
  ),
);

const ranges = `
features:
${columns.map((name) => `  - {name: ${name}, range: [0, 1]}`).join('\n')}
`;

interface Asked extends Omit<RunOptions, 'batch'> {
  readonly name?: string;
  readonly given?: GivenOptions;
  readonly schema?: string;
  readonly rows?: readonly (readonly number[])[];
}

const plain = { plausibility: 'none', rounds: 4 };

async function explained({
  name = 'scfe',
  given = plain,
  schema = ranges,
  rows = [[0, 0, 0, 0, 0]],
  ...run
}: Asked): Promise<{ findings: Finding[]; outcomes: Outcome[] }> {
  const ground = await openGround(
    graph,
    samplesOf(rows),
    { goal: { kind: 'other' } },
    { batch: 8, threads: 1 },
    {
      schema: ({ rows: [all] }) => readSchema(schema, 'schema', columns, observedIn(all!, 5)),
      reference: samplesOf(examples),
    },
  );
  try {
    const method = explainerNamed(name);
    const options = settledFor(method, given, ground);
    const findings = await runExplainer(method, options, ground, { batch: 8, ...run });
    return { findings, outcomes: await outcomesOf(findings, ground, { several: run.several?.count }) };
  } finally {
    await ground.release();
  }
}

const setsOf = ({ alternatives }: Finding): (readonly number[])[] =>
  alternatives.map(({ changed }) => changed).sort((p, q) => p[0]! - q[0]!);

const ways = Object.keys(choices) as Choice[];

describe.each(ways)('by %s', (choice) => {
  test('every feature that does alone is told, as far as it has to go', async () => {
    const { findings, outcomes } = await explained({ several: { count: 4, choice } });
    const [found] = findings as [Finding];
    expect([found.changed, setsOf(found)]).toEqual([[0], [[1], [2], [3]]]);
    for (const { changed, counterfactual, margin, scores } of found.alternatives) {
      const least = 1.8 / weights[changed[0]!]!;
      expect(counterfactual[changed[0]!]).toBeGreaterThan(least);
      expect(counterfactual[changed[0]!]).toBeLessThan(least * (1 + 1 / 32));
      expect(margin).toBeLessThan(0);
      expect(scores[1]! - scores[0]!).toBeCloseTo(-margin, 5);
    }
    expect(outcomes[0]).toMatchObject({ told: 4, covered: 1 });
    // of 5 features two differ
    expect(outcomes[0]!.unlike).toBeCloseTo(2 / 5, 12);
    const ends = weights.slice(0, 4).map((w) => 1.8 / w);
    expect(outcomes[0]!.apart).toBeCloseTo((2 * ends.reduce((sum, end) => sum + end, 0)) / 4 / 5, 1);
  });

  test('the best one is the same as without others', async () => {
    const rows = [
      [0, 0, 0, 0, 0],
      [0.1, 0.2, 0, 0.1, 0],
    ];
    const bare = ({ findings }: { findings: Finding[] }) => findings.map(({ seconds, alternatives, ...rest }) => rest);
    const [alone, many] = [await explained({ rows }), await explained({ rows, several: { count: 3, choice } })];
    expect(bare(many)).toEqual(bare(alone));
    expect(alone.findings.map(({ alternatives }) => alternatives)).toEqual([[], []]);
    expect(alone.outcomes[0]).not.toHaveProperty('told');
  });

  test('fewer are told where there are no more', async () => {
    const schema = `
features:
  - {name: a, range: [0, 1]}
  - {name: b, range: [0, 1], immutable: true}
  - {name: c, range: [0, 1], immutable: true}
  - {name: d, range: [0, 1]}
  - {name: e, range: [0, 1], immutable: true}
`;
    const rows = [
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0.9, 0],
    ];
    const { findings, outcomes } = await explained({ schema, rows, several: { count: 8, choice } });
    expect(setsOf(findings[0]!)).toEqual([[0, 3], [3]]);
    expect(outcomes[0]).toMatchObject({ told: 3, covered: 0 });
  });
});

test.each(['scfe', 'growing-spheres', 'face'])(
  'of %s they hold, keep to the schema and are unlike each other',
  async (name) => {
    const schema = `
features:
  - {name: a, range: [0, 1], step: 0.25}
  - {name: b, range: [0, 1]}
  - {name: c, range: [0, 1]}
  - {name: status, type: categorical, columns: {d: d, e: e}}
constraints: ['a + c <= 1']
`;
    const row = [0, 0.2, 0, 0, 1];
    const asked = { name, given: {}, schema, rows: [row, [0.25, 0, 0, 0, 1]] };
    const { findings, outcomes } = await explained({ ...asked, several: { count: 3, choice: 'determinantal' } });
    const parsed = readSchema(schema, 'schema', columns, observedIn(Float32Array.from(row), 5));
    findings.forEach(({ id, counterfactual, alternatives, target, changed }, i) => {
      const original = Float32Array.from(asked.rows[id]!);
      for (const each of alternatives) {
        expect(violations(parsed, original, each.counterfactual)).toEqual([]);
        expect(each.scores[target]).toBeGreaterThan(each.scores[1 - target]!);
        expect(each.changed.length).toBeGreaterThan(0);
      }
      expect(alternatives.length).toBe(2);
      expect(outcomes[i]!.span).toBeGreaterThan(0.01);
      const all = [{ counterfactual, changed }, ...alternatives].map((each) => each.counterfactual.join());
      expect(new Set(all).size).toBe(3);
    });
  },
);

test('limits are for all searches of an instance together', async () => {
  const several = { count: 4, choice: 'spread' } as const;
  // where passes are limited, the runtime takes no steps of its own
  const given = { ...plain, loop: 'no' };
  const { findings } = await explained({ given });
  const { forwards } = findings[0]!;
  const asked: number[] = [];
  const { findings: few } = await explained({
    given,
    several,
    limits: { queries: forwards + 50 },
    onCall: (_, { forwards: [now] }) => asked.push(now!),
  });
  // the second search begins with 50 passes left, and ends at them
  expect(asked.slice(asked.lastIndexOf(forwards) + 1).every((now) => now <= 50)).toBe(true);
  expect(few[0]!.success).toBe(true);
  expect(few[0]!.alternatives.length).toBeLessThan(3);
});

test('a pool keeps the cheapest of each way, and of too many ways the cheapest', () => {
  const pool = new Pool(featuresOf(spaceOf([2])), 2);
  const offer = (difference: number[], cost: number): void =>
    pool.offer({
      row: 0,
      point: Float32Array.from(difference),
      difference: Float32Array.from(difference),
      cost: () => cost,
    });
  const costs = (): number[] => pool.of(0).map(({ cost }) => cost);
  offer([1, 0], 3);
  offer([0.5, 0], 4);
  expect(costs()).toEqual([3]);
  offer([0.5, 0], 2);
  offer([-0.5, 0], 5);
  expect(costs()).toEqual([2, 5]);
  offer([0, 1], 6);
  expect(costs()).toEqual([2, 5]);
  offer([0.7, 0.7], 1);
  expect(costs()).toEqual([1, 2]);
  expect(pool.of(1)).toEqual([]);
  // two whole features are too much beside a hundredth of one
  offer([0.01, 0], 0.5);
  offer([1, -1], 0.1);
  expect(costs()).toEqual([0.5, 1]);
});

describe('picking among points', () => {
  const places = random(5, 'places').uniforms(24);
  const distance = (i: number, j: number): number =>
    Math.abs(places[2 * i]! - places[2 * j]!) + Math.abs(places[2 * i + 1]! - places[2 * j + 1]!);
  const quality = (i: number): number => 1 / (1 + i / 10);
  const candidates = { count: 12, distance, quality, isOther: () => true };

  /** What a set is worth by the definition. */
  const worth: Record<Choice, (set: readonly number[]) => number> = {
    determinantal: (set) =>
      spanOf(set.length, (i, j) => distance(set[i]!, set[j]!)) *
      set.reduce((product, i) => product * quality(i) ** 2, 1),
    spread: (set) => Math.min(...set.slice(0, -1).map((i) => distance(i, set.at(-1)!))) * quality(set.at(-1)!),
  };

  test.each(ways)('%s takes what is best next, by its definition', (choice) => {
    const chosen = diverse(candidates, choice, 5);
    expect(chosen[0]).toBe(0);
    for (let k = 1; k < 5; k++) {
      const before = chosen.slice(0, k);
      const open = [...places.keys()].slice(0, 12).filter((i) => !before.includes(i));
      const best = open.reduce((a, b) => (worth[choice]([...before, b]) > worth[choice]([...before, a]) ? b : a));
      expect(chosen[k]).toBe(best);
    }
  });

  test('what may not be taken together is not', () => {
    const chosen = diverse({ ...candidates, isOther: (taken, i) => (taken + i) % 2 === 1 }, 'spread', 5);
    expect(chosen.length).toBe(2);
  });
});

test('the span is the determinant of the likenesses', () => {
  expect(spanOf(2, () => 1)).toBeCloseTo(1 - 1 / 4, 12);
  // 1 + 2 k^3 - 3 k^2 with k = 1/3
  expect(spanOf(3, () => 2)).toBeCloseTo(1 + 2 / 27 - 3 / 9, 12);
  expect(spanOf(3, (i, j) => (i + j === 1 ? 0 : 2))).toBe(0);
});
