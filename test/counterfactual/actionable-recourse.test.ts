/** Actionable recourse on tables so small that all sets of actions can be looked at. */
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/counterfactual/finding.js';
import { openGround } from '../../src/counterfactual/ground/ground.js';
import { actionableRecourse } from '../../src/counterfactual/methods/actionable-recourse.js';
import { percentilesOf, shifts } from '../../src/counterfactual/recourse/percentiles.js';
import { runExplainer } from '../../src/counterfactual/run.js';
import type { Samples } from '../../src/data/samples.js';
import type { Graph } from '../../src/ir/types.js';
import { observedIn, readSchema, violations } from '../../src/schema/index.js';
import { type GivenOptions, settle } from '../../src/settings/index.js';
import { random } from '../../src/tensor/random.js';
import { float32 } from '../../src/tensor/tensor.js';
import { graphOf, node, typed } from '../helpers/graphs.js';

const columns = ['age', 'debts', 'renting', 'owning', 'savings'];
const width = columns.length;
const count = 50;
const rng = random(9, 'rows');
const rows = Float32Array.from(
  Array.from({ length: count }, (_, r) => {
    const owns = rng.uniform(8 * r + 3) < 0.4 ? 1 : 0;
    const [age, debts, savings] = [0, 1, 2].map((k) => rng.uniform(8 * r + k));
    return [
      18 + Math.floor(50 * age!),
      Math.floor(6 * debts! ** 2),
      1 - owns,
      owns,
      Math.round(20 * savings! ** 3) / 4,
    ];
  }).flat(),
);

const schemaText = `
features:
  - {name: age, type: integer, direction: increase}
  - {name: debts, type: integer, range: [0, 5]}
  - {name: home, type: categorical, columns: {renting: renting, owning: owning}}
  - {name: savings, range: [0, 5], step: 0.25, cost: 2}
`;

const x = typed('x', ['batch', width]);
const samples: Samples = {
  count,
  batch: (from, to) => new Map([[x, float32([to - from, width], rows.subarray(from * width, to * width))]]),
  provenance: { files: [], description: 'made' },
};

/** Scores of two classes, or of three whose last has a slope of its own. */
const slopes = [
  [0, 0, 0],
  [0.05, 0, 0.02],
  [-0.8, 0, -0.1],
  [0, 0, 0],
  [1.2, 0, 0],
  [0.9, 0, 0.5],
];
const shift = [-4.5, 0, -1.5];
const scoreOf = (row: ArrayLike<number>, c: number): number =>
  [1, 2, 3, 4, 5].reduce((sum, k) => sum + slopes[k]![c]! * row[k - 1]!, shift[c]!);

function model(classes: 2 | 3, op = 'Identity'): Graph {
  const [weights, bias, out] = [
    typed('w', [width, classes]),
    typed('b', [1, classes]),
    typed('out', ['batch', classes]),
  ];
  const [sum, all] = [{ name: 'sum' }, { name: 'all' }];
  const own = slopes.slice(1).flatMap((each) => each.slice(0, classes));
  return graphOf({
    inputs: [x],
    outputs: [out],
    nodes: [node('MatMul', [x, weights], [sum]), node('Add', [sum, bias], [all]), node(op, [all], [out])],
    initializers: new Map([
      [weights, float32([width, classes], Float32Array.from(own))],
      [bias, float32([1, classes], Float32Array.from(shift.slice(0, classes)))],
    ]),
  });
}

async function explained(graph: Graph, given: GivenOptions): Promise<{ found: Finding[]; units: Float32Array }> {
  const schema = readSchema(schemaText, 'schema', columns, observedIn(rows, width));
  const ground = await openGround(
    graph,
    samples,
    { goal: { kind: 'class', label: 0 } },
    { batch: 16, threads: 1 },
    { reference: samples, schema: () => schema, most: 12 },
  );
  try {
    const found = await runExplainer(actionableRecourse, settle(actionableRecourse, given), ground, { batch: 16 });
    for (const { id, counterfactual } of found)
      expect(violations(schema, rows.subarray(id * width, (id + 1) * width), counterfactual)).toEqual([]);
    return { found, units: ground.reference!.points };
  } finally {
    await ground.release();
  }
}

/** All rows that may be reached from one. */
function* reachable(row: Float32Array): Generator<number[]> {
  const oldest = Math.max(...Array.from({ length: count }, (_, r) => rows[r * width]!));
  for (let age = row[0]!; age <= oldest; age++)
    for (let debts = 0; debts <= 5; debts++)
      for (const owns of [0, 1])
        for (let savings = 0; savings <= 5; savings += 0.25) yield [age, debts, 1 - owns, owns, savings];
}

const percentile = percentilesOf(rows, width);

function costOf(kind: 'max' | 'total', from: Float32Array, to: ArrayLike<number>): number {
  const own = columns.map((_, i) =>
    from[i] === to[i] ? 0 : shifts[kind](percentile(i, from[i]!), percentile(i, to[i]!)),
  );
  const home = kind === 'max' ? Math.max(own[2]!, own[3]!) : own[2]! + own[3]!;
  const all = [own[0]!, own[1]!, home, 2 * own[4]!];
  return kind === 'max' ? Math.max(...all) : all.reduce((sum, each) => sum + each, 0);
}

describe.each(['max', 'total'] as const)('by the %s of shifts', (cost) => {
  test.each([2, 3] as const)('of %i classes no other set of actions is cheaper', async (classes) => {
    const { found } = await explained(model(classes), { cost });
    expect(found.length).toBe(12);
    expect(found.some(({ success }) => success)).toBe(true);
    for (const { id, success, counterfactual, remark } of found) {
      expect(remark).toBeUndefined();
      const row = rows.slice(id * width, (id + 1) * width);
      let least = Number.POSITIVE_INFINITY;
      for (const other of reachable(row)) {
        const [own, ...others] = Array.from({ length: classes }, (_, c) => scoreOf(other, c));
        if (own! > Math.max(...others) + 1e-3) least = Math.min(least, costOf(cost, row, other));
      }
      expect(success).toBe(Number.isFinite(least));
      // a millionth for the length of what crosses no example
      if (success) expect(costOf(cost, row, counterfactual)).toBeLessThan(least + 1e-5);
    }
  });
});

test('a search that is cut says so', async () => {
  const { found } = await explained(model(3), { cost: 'total', nodes: 2 });
  expect(found.some(({ remark }) => remark?.startsWith('the search was cut after 2 choices'))).toBe(true);
});

test('a model that is not linear is refused', async () => {
  const refused = explained(model(2, 'Tanh'), {});
  await expect(refused).rejects.toThrow('model: expected scores that are linear in the input for actionable-recourse');
  await expect(refused).rejects.toMatchObject({ exitCode: 3 });
});

test('percentiles are shares, of equal ones half, and never 0 or 1', () => {
  const share = percentilesOf(Float32Array.of(1, 2, 2, 3), 1);
  expect([0, 1, 2, 2.5, 9].map((value) => share(0, value) * 5)).toEqual([0.5, 1, 2.5, 3.5, 4.5]);
  expect([shifts.max(0.25, 0.75), shifts.max(0.75, 0.25)]).toEqual([0.5, 0.5]);
  expect(shifts.total(0.5, 0.75)).toBeCloseTo(Math.log(2), 12);
});
