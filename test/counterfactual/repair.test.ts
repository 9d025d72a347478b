/** A model whose slope is zero at every instance: only trying the features one by one gets anywhere. */
import { expect, test } from 'vitest';
import { explainer } from '../../src/counterfactual/explainer.js';
import type { Finding } from '../../src/counterfactual/finding.js';
import { openGround } from '../../src/counterfactual/ground/ground.js';
import { scfe } from '../../src/counterfactual/methods/scfe.js';
import { runExplainer } from '../../src/counterfactual/run.js';
import { repair } from '../../src/counterfactual/search/repair.js';
import type { Samples } from '../../src/data/samples.js';
import type { Value } from '../../src/ir/types.js';
import { type Builder, builderFor } from '../../src/ops/builder.js';
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

/** Repair alone. */
const repairing = (rounds: number) =>
  explainer({
    name: 'repair',
    paper: 'ours',
    asks: 'scores',
    options: {},
    run: (asked) => repair(asked, asked.all, { rounds }),
  });

/** Of three columns; class 1 where what `score` emits is above 0. */
async function repaired(
  score: (g: Builder, column: (i: number) => Value) => Value,
  row: readonly number[],
  schemaText: string,
  rounds: number,
): Promise<{ found: Finding; broken: readonly unknown[] }> {
  const input = typed('x', ['batch', 3]);
  const empty = graphOf({ inputs: [input], outputs: [], nodes: [], initializers: new Map() });
  const g = builderFor(empty, 'made');
  const value = score(g, (i) => g.slice(input, [i], [i + 1], [1]));
  const answers = g.op('Concat', [g.op('Neg', [value]), value], { axis: 1 });
  const out = typed('out', ['batch', 2]);
  g.nodes.push(node('Identity', [answers], [out]));
  const made: Samples = {
    count: 1,
    batch: () => new Map([[input, float32([1, 3], Float32Array.from(row))]]),
    provenance: { files: [], description: 'made' },
  };
  const schema = readSchema(schemaText, 'schema', ['a', 'b', 'c'], observedIn(Float32Array.from(row), 3));
  const ground = await openGround(
    g.appendTo(empty, [out]),
    made,
    { goal: { kind: 'other' } },
    { batch: 64, threads: 1 },
    { schema: () => schema },
  );
  try {
    const [found] = await runExplainer(repairing(rounds), {}, ground, { batch: 1 });
    return { found: found!, broken: violations(schema, Float32Array.from(row), found!.counterfactual) };
  } finally {
    await ground.release();
  }
}

test('what was moved first is moved back where it is in the way', async () => {
  // a leads on, then b and c do, and then only a is in the way
  const { found } = await repaired(
    (g, column) => {
      const [a, b, c] = [0, 1, 2].map(column) as [Value, Value, Value];
      const all = g.mul(b, c);
      const led = g.add(
        g.mul(a, g.scalar(0.3)),
        g.add(g.mul(g.mul(a, b), g.scalar(0.2)), g.mul(g.mul(a, all), g.scalar(0.1))),
      );
      return g.sub(g.add(led, g.mul(g.sub(all, g.mul(a, all)), g.scalar(2))), g.scalar(1));
    },
    [0, 0, 0],
    'features: [{name: a, type: binary, levels: {no: 0, yes: 1}}, {name: b, type: binary, levels: {no: 0, yes: 1}}, {name: c, type: binary, levels: {no: 0, yes: 1}}]',
    4,
  );
  expect([found.success, [...found.counterfactual]]).toEqual([true, [0, 1, 1]]);
});

test('where the instance breaks a constraint itself, the nearest row that does not is started from too', async () => {
  const { found, broken } = await repaired(
    (g, column) => g.op('Min', [g.sub(g.scalar(0.45), column(1)), g.sub(column(2), g.scalar(0.4))]),
    [0.8, 0.6, 0],
    "features: [{name: a, range: [0, 1]}, {name: b, range: [0, 1]}, {name: c, range: [0, 1]}]\nconstraints: ['a + b <= 1']",
    1,
  );
  expect([found.success, found.changed, broken]).toEqual([true, [0, 1, 2], []]);
});
