/** S-CFE under linear constraints, on linear models of which the cheapest counterfactual is known. */
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/counterfactual/finding.js';
import { featuresOf } from '../../src/counterfactual/ground/features.js';
import { openGround } from '../../src/counterfactual/ground/ground.js';
import { scfe } from '../../src/counterfactual/methods/scfe.js';
import { runExplainer } from '../../src/counterfactual/run.js';
import { keepToLimits } from '../../src/counterfactual/search/limits.js';
import type { Samples } from '../../src/data/samples.js';
import { boundsOf } from '../../src/oracle/bounds.js';
import { spaceOf } from '../../src/oracle/space.js';
import { observedIn, readSchema } from '../../src/schema/index.js';
import { type GivenOptions, settle } from '../../src/settings/index.js';
import { float32 } from '../../src/tensor/tensor.js';
import { graphOf, node, typed } from '../helpers/graphs.js';

const columns = ['a', 'b', 'c'];

async function explained(
  weights: readonly number[],
  bias: number,
  row: readonly number[],
  constraint: string,
  given: GivenOptions,
): Promise<Finding> {
  const x = typed('x', ['batch', 3]);
  const [weight, shift, out] = [typed('w', [3, 2]), typed('shift', [1, 2]), typed('out', ['batch', 2])];
  const sum = { name: 'sum' };
  const graph = graphOf({
    inputs: [x],
    outputs: [out],
    nodes: [node('MatMul', [x, weight], [sum]), node('Add', [sum, shift], [out])],
    initializers: new Map([
      [weight, float32([3, 2], Float32Array.from(weights.flatMap((w) => [-w, w])))],
      [shift, float32([1, 2], Float32Array.of(bias, -bias))],
    ]),
  });
  const samples: Samples = {
    count: 1,
    batch: () => new Map([[x, float32([1, 3], Float32Array.from(row))]]),
    provenance: { files: [], description: 'made' },
  };
  const text = `
features:
${columns.map((name) => `  - {name: ${name}, range: [0, 1]}`).join('\n')}
constraints: ['${constraint}']
`;
  const ground = await openGround(
    graph,
    samples,
    { goal: { kind: 'other' } },
    { batch: 1, threads: 1 },
    { schema: ({ rows: [all] }) => readSchema(text, 'schema', columns, observedIn(all!, 3)) },
  );
  try {
    const options = settle(scfe, { plausibility: 'none', beta: 0.1, ...given });
    return (await runExplainer(scfe, options, ground, { batch: 1 }))[0]!;
  } finally {
    await ground.release();
  }
}

/** What S-CFE minimises without a plausibility: the squared distance, and 0.1 a feature. */
const costOf = ({ counterfactual, changed }: Finding, row: readonly number[]): number =>
  counterfactual.reduce((sum, value, i) => sum + (value - row[i]!) ** 2, 0.1 * changed.length);

const cases: [constraint: string, weights: number[], bias: number, row: number[], cost: number, excess: number][] = [
  // b = 2 / 3, paid for by a
  ['a + b = 1', [0, 3, 0], 2, [1, 0, 0], 2 * (2 / 3) ** 2 + 0.2, 0.01],
  // b from 0.2 to 0.6, paid for by a
  ['a + b + c = 1', [0, 3, 1], 2, [0.6, 0.2, 0.2], 2 * 0.4 ** 2 + 0.2, 0.02],
  // a as far as it may go, and c for the rest
  ['a + b <= 0.5', [4, 3, 1], 2.4, [0, 0, 0], 0.5 ** 2 + 0.4 ** 2 + 0.2, 0.15],
];

test.each(cases)(
  'along %s the cheapest is found, or nearly, and not without',
  async (constraint, weights, bias, row, cost, excess) => {
    const [along, back] = [
      await explained(weights, bias, row, constraint, {}),
      await explained(weights, bias, row, constraint, { along: false }),
    ];
    expect([along.success, back.success]).toEqual([true, true]);
    expect(costOf(along, row)).toBeGreaterThan(cost - 1e-4);
    expect(costOf(along, row)).toBeLessThan(cost + excess);
    expect(costOf(back, row)).toBeGreaterThan(cost + 0.2);
  },
);

describe('a change is taken to the limits', () => {
  const schema = readSchema(
    `
features:
${columns.map((name) => `  - {name: ${name}, range: [0, 10]}`).join('\n')}
constraints: ['a + b <= 5', 'c <= 9']
`,
    'schema',
    columns,
    observedIn(Float32Array.of(0, 0, 0), 3),
  );
  const space = spaceOf([3]);
  const keepTo = keepToLimits({ features: featuresOf(space, schema), bounds: boundsOf([[0, 10]], space, 'given') })!;
  const box = (start: readonly number[]) => ({
    lower: Float32Array.from(start, (value) => -value),
    upper: Float32Array.from(start, (value) => 1 - value),
  });
  const taken = (start: readonly number[], change: readonly number[]): number[] => {
    const made = Float32Array.from(change);
    keepTo(made, Float32Array.from(start), box(start));
    return [...made];
  };

  test.each([
    ['inside nothing moves', [0.1, 0.1, 0], [0.2, 0, 0.5], [0.2, 0, 0.5]],
    ['one that changed goes back alone', [0.1, 0.1, 0], [0.6, 0, 0.5], [0.3, 0, 0.5]],
    ['two that changed share', [0, 0, 0], [0.4, 0.3, 0], [0.3, 0.2, 0]],
    ['where one alone cannot, others move', [0, 0.6, 0], [0.1, 0, 0], [0, -0.1, 0]],
    ['what is broken by the instance does not bind while its features stay', [0.5, 0.4, 0], [0, 0, 0.2], [0, 0, 0.2]],
  ])('%s', (_, start, change, expected) => {
    taken(start, change).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
  });

  test('without constraints there is nothing to keep to', () => {
    const features = featuresOf(space, { ...schema, constraints: [] });
    expect(keepToLimits({ features, bounds: boundsOf([[0, 10]], space, 'given') })).toBe(undefined);
  });
});
