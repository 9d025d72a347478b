/** Figures of single counterfactuals, against their definitions on numbers that are known. */
import { expect, test } from 'vitest';
import type { Finding } from '../../src/counterfactual/finding.js';
import { embedded } from '../../src/counterfactual/ground/embedded.js';
import { openGround } from '../../src/counterfactual/ground/ground.js';
import { type Outcome, outcomesOf } from '../../src/counterfactual/metrics/outcome.js';
import type { Samples } from '../../src/data/samples.js';
import type { Graph } from '../../src/ir/types.js';
import { boundsOf, scalingOf } from '../../src/oracle/bounds.js';
import { observedIn, readSchema } from '../../src/schema/index.js';
import { float32 } from '../../src/tensor/tensor.js';
import { graphOf, node, typed } from '../helpers/graphs.js';

/** [batch, 2] through a matrix. */
function through(matrix: readonly number[]): Graph {
  const [input, weight, out] = [typed('x', ['batch', 2]), typed('m', [2, 2]), typed('out', ['batch', 2])];
  return graphOf({
    inputs: [input],
    outputs: [out],
    nodes: [node('MatMul', [input, weight], [out])],
    initializers: new Map([[weight, float32([2, 2], Float32Array.from(matrix))]]),
  });
}

/** Class 1 where a > b. */
const model = through([0, 1, 1, 0]);
const x = model.inputs[0]!;

function samplesOf(rows: readonly (readonly number[])[], labels?: readonly number[]): Samples {
  return {
    count: rows.length,
    ...(labels && { labels: Int32Array.from(labels) }),
    batch: (from, to) => new Map([[x, float32([to - from, 2], Float32Array.from(rows.slice(from, to).flat()))]]),
    provenance: { files: [], description: 'made' },
  };
}

const instances = [
  [2, 4],
  [0, 10],
];

const findingOf = (id: number, counterfactual: readonly number[], success = true): Finding => ({
  id,
  predicted: 0,
  target: 1,
  success,
  counterfactual: Float32Array.from(counterfactual),
  scores: new Float32Array(2),
  margin: -1,
  changed: [0],
  alternatives: [],
  forwards: 1,
  backwards: 1,
  seconds: 0,
});

test('im1 and im2 are those of the errors of the autoencoders, in [0, 1]', async () => {
  const ground = await openGround(
    model,
    samplesOf(instances),
    { goal: { kind: 'other' } },
    { batch: 4, threads: 1 },
    {
      bounds: ({ network }) => boundsOf([[0, 10]], network.space, 'given'),
      companions(network, bounds) {
        const end = { kind: 'examples', network, scaling: scalingOf(bounds, [0, 1]) } as const;
        const made = (matrix: readonly number[]) =>
          embedded(`through ${matrix}`, through(matrix), { from: end, to: end });
        return {
          autoencoder: made([0.5, 0, 0, 0.5]),
          perClass: new Map([
            [0, made([0, 0, 0, 1])],
            [1, made([1, 0, 0, 0])],
          ]),
        };
      },
    },
  );
  const [first, second] = await outcomesOf([findingOf(0, [6, 4]), findingOf(1, [0, 10], false)], ground);
  await ground.release();
  // the target's loses b, that of the class before a, and that of all half of both
  expect(first!.im1).toBeCloseTo(0.16 / 0.36, 4);
  expect(first!.im2).toBeCloseTo((0.3 ** 2 + 0.2 ** 2) / 1, 4);
  expect(second!.im1).toBeCloseTo(1 / 1e-6, -1);
  expect(first).not.toHaveProperty('violations');
});

test('without autoencoders of classes there is no im1, and without those of all no im2', async () => {
  const ground = await openGround(
    model,
    samplesOf(instances),
    { goal: { kind: 'other' } },
    { batch: 4, threads: 1 },
    { bounds: ({ network }) => boundsOf([[0, 10]], network.space, 'given') },
  );
  const [outcome] = await outcomesOf([findingOf(0, [6, 4])], ground);
  await ground.release();
  expect(outcome).not.toHaveProperty('im1');
  expect(outcome).not.toHaveProperty('im2');
});

const measured = async (finding: Finding, labels: readonly number[]): Promise<Outcome> => {
  const near = [
    [6, 4],
    [6, 5],
    [7, 4],
    [5, 6],
    [5, 7],
    [0, 10],
  ];
  const ground = await openGround(
    model,
    samplesOf(instances),
    { goal: { kind: 'other' } },
    { batch: 4, threads: 1 },
    {
      reference: samplesOf(near, labels),
      classes: 'data',
      schema: ({ rows }) =>
        readSchema(
          "features: [{name: b, immutable: true}]\nconstraints: ['a + b <= 12']",
          'schema',
          ['a', 'b'],
          observedIn(rows[1]!, 2),
        ),
    },
  );
  try {
    return (await outcomesOf([finding], ground))[0]!;
  } finally {
    await ground.release();
  }
};

test('yNN asks the model about the neighbours, and not the labels that they came with', async () => {
  expect((await measured(findingOf(0, [6, 4]), [1, 0, 0, 0, 0, 1])).yNN).toBeCloseTo(3 / 5, 12);
});

test('violations are counted on the row as it is stored', async () => {
  const labels = [1, 1, 1, 0, 0, 0];
  expect((await measured(findingOf(0, [6, 4]), labels)).violations).toBe(0);
  // b must not change, and the sum is too large
  expect((await measured(findingOf(0, [7, 6]), labels)).violations).toBe(2);
});
