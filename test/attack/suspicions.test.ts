/** Models whose figures mislead are told apart from those whose figures do not. */
import { describe, expect, test } from 'vitest';
import { suspicionsOf } from '../../src/attack/suspicions.js';
import type { Graph, Node, Value } from '../../src/ir/types.js';
import { float32, int64 } from '../../src/tensor/tensor.js';
import { graphOf, node, typed } from '../helpers/graphs.js';
import { openExamples } from './metrics/networks.js';

const batchAxis = typed('axis', [1], 'int64');

/** Scores s and 2 - s of the sum s of two numbers, and what else happens to them. */
function model(also: (scores: Value, logits: Value) => Node[], factor = 1): Graph {
  const [x, w, bias, factors] = [
    typed('x', ['batch', 2]),
    typed('w', [2, 2]),
    typed('bias', [2]),
    typed('factors', [1]),
  ];
  const [product, scores, logits] = [{ name: 'product' }, { name: 'scores' }, typed('logits', ['batch', 2])];
  return graphOf({
    inputs: [x],
    outputs: [logits],
    nodes: [
      node('MatMul', [x, w], [product]),
      node('Mul', [product, factors], [{ name: 'scaled' }]),
      node('Add', [{ name: 'scaled' }, bias], [scores]),
      ...also(scores, logits),
    ].map(withNames()),
    initializers: new Map([
      [w, float32([2, 2], Float32Array.of(1, -1, 1, -1))],
      [bias, float32([2], Float32Array.of(0, 2))],
      [batchAxis, int64([1], [0])],
      [factors, float32([1], Float32Array.of(factor))],
    ]),
  });
}

/** Values of the same name are one value. */
function withNames() {
  const known = new Map<string, Value>();
  const one = (value: Value | null): Value | null => {
    if (value === null) return null;
    const found = known.get(value.name) ?? value;
    known.set(value.name, found);
    return found;
  };
  return (each: Node): Node => ({ ...each, inputs: each.inputs.map(one), outputs: each.outputs.map(one) });
}

const asTheyAre = (scores: Value, logits: Value): Node[] => [node('Identity', [scores], [logits])];

async function sentences(graph: Graph): Promise<string[]> {
  const ground = await openExamples(graph, [2], [0.1, 0.2, 0.9, 0.8, 0.4, 0.7, 0.2, 0.1], [0, 1]);
  try {
    return await suspicionsOf(ground, { batch: 4, seed: 1 });
  } finally {
    await ground.release();
  }
}

describe('suspicions', () => {
  test('has nothing to say about a plain model', async () => {
    expect(await sentences(model(asTheyAre))).toEqual([]);
  });

  test.each([
    [
      'is randomised',
      model((scores, logits) => [
        node('RandomNormalLike', [scores], [{ name: 'noise' }], { scale: 0.5 }),
        node('Add', [scores, { name: 'noise' }], [logits]),
      ]),
      /^two equal runs of the model differ by up to .* in a score: it is randomised/,
    ],
    [
      'looks at its neighbours in the batch',
      model((scores, logits) => [
        node('ReduceMean', [scores, batchAxis], [{ name: 'mean' }], { keepdims: 1 }),
        node('Sub', [scores, { name: 'mean' }], [logits]),
      ]),
      /^the scores of a sample depend on the samples beside it/,
    ],
    ['is too sure', model(asTheyAre, 200), /^the probability of the label is 1 in float32 for 100 % of the samples/],
    [
      'has no slope',
      model(
        (scores, logits) => [
          node('Mul', [scores, scores], [{ name: 'square' }]),
          node('Round', [{ name: 'square' }], [logits]),
        ],
        10,
      ),
      /^gradients are exactly zero for 100 % of the samples/,
    ],
    ['hardly listens', model(asTheyAre, 1e-4), /^scores hardly move within the bounds \(margins by 0\.0\d+ % /],
  ])('of a model that %s', async (_, graph, sentence) => {
    expect(await sentences(graph)).toEqual(expect.arrayContaining([expect.stringMatching(sentence)]));
  });
});
