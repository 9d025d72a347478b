/** A model whose slope is zero at every instance: only trying the features one by one gets anywhere. */
import { expect, test } from 'vitest';
import { openGround } from '../../src/counterfactual/ground.js';
import { type Finding, runExplainer } from '../../src/counterfactual/run.js';
import { scfe } from '../../src/counterfactual/scfe.js';
import type { Samples } from '../../src/data/samples.js';
import { observedIn, readSchema, violations } from '../../src/schema/index.js';
import { type GivenOptions, settle } from '../../src/settings/index.js';
import { float32 } from '../../src/tensor/tensor.js';
import { graphOf, node, typed } from '../helpers/graphs.js';

const columns = ['age', 'savings', 'married', 'single', 'children'];

/** Class 1 where 2 savings + married + children / 4 + age / 100 is above 2.6: a ReLU that is dead below. */
const x = typed('x', ['batch', 5]);
const [weight, least, sign, shift] = [
  typed('w', [5, 1]),
  typed('least', [1]),
  typed('sign', [1, 2]),
  typed('shift', [1, 2]),
];
const logits = typed('logits', ['batch', 2]);
const [sum, above, live, both] = [{ name: 'sum' }, { name: 'above' }, { name: 'live' }, { name: 'both' }];
const graph = graphOf({
  inputs: [x],
  outputs: [logits],
  nodes: [
    node('MatMul', [x, weight], [sum]),
    node('Sub', [sum, least], [above]),
    node('Relu', [above], [live]),
    node('Mul', [live, sign], [both]),
    node('Add', [both, shift], [logits]),
  ],
  initializers: new Map([
    [weight, float32([5, 1], Float32Array.of(0.01, 2, 1, 0, 0.25))],
    [least, float32([1], Float32Array.of(2.5))],
    [sign, float32([1, 2], Float32Array.of(-10, 10))],
    [shift, float32([1, 2], Float32Array.of(1, -1))],
  ]),
});

const schemaText = `
features:
  - {name: age, type: integer, range: [18, 90], direction: increase}
  - {name: savings, range: [0, 1], step: 0.25}
  - {name: status, type: categorical, columns: {married: married, single: single}}
  - {name: children, type: integer, range: [0, 5], immutable: true}
`;

const rows = [
  [30, 0.75, 0, 1, 1],
  [40, 0, 1, 0, 0],
  [20, 0, 0, 1, 0],
  [90, 0, 0, 1, 0],
];

const samples: Samples = {
  count: rows.length,
  batch: (from, to) => new Map([[x, float32([to - from, 5], Float32Array.from(rows.slice(from, to).flat()))]]),
  provenance: { files: [], description: 'made' },
};

async function explained(given: GivenOptions) {
  const schemas: ReturnType<typeof readSchema>[] = [];
  const ground = await openGround(
    graph,
    samples,
    { goal: { kind: 'other' } },
    { batch: 4, threads: 1 },
    {
      schema: ({ rows: [all] }) => {
        schemas.push(readSchema(schemaText, 'schema', columns, observedIn(all!, 5)));
        return schemas[0];
      },
    },
  );
  try {
    const found = await runExplainer(scfe, settle(scfe, { plausibility: 'none', ...given }), ground, { batch: 4 });
    return { found, schema: schemas[0]! };
  } finally {
    await ground.release();
  }
}

const changes = ({ changed, counterfactual }: Finding): [readonly number[], number[]] => [changed, [...counterfactual]];

test('slopes alone find nothing, and say how much is missing', async () => {
  const { found } = await explained({ repair: false, rounds: 3 });
  found.forEach(({ success, reason }) => {
    expect([success, reason?.kind]).toEqual([false, 'not reached']);
    expect(reason?.missing).toBeCloseTo(2, 4);
  });
});

test('the fewest features that do are found, on their steps and with one category', async () => {
  const { found, schema } = await explained({ rounds: 3 });
  expect(found.map(({ reason }) => reason)).toEqual([undefined, undefined, undefined, undefined]);
  found.forEach(({ counterfactual }, i) => {
    expect(violations(schema, Float32Array.from(rows[i]!), counterfactual)).toEqual([]);
  });
  // 86 years are nearer than marriage
  expect(changes(found[0]!)).toEqual([[0], [86, 0.75, 0, 1, 1]]);
  expect(changes(found[1]!)).toEqual([[1], [40, 0.75, 1, 0, 0]]);
  // no feature alone, and no slope: two at once, all of savings and some years
  expect(found[2]!.changed).toEqual([0, 1]);
  expect(found[3]!.changed.length).toBe(1);
});
