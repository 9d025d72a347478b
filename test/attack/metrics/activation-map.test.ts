/** Activation maps of networks so small that the map is known. */
import { describe, expect, test } from 'vitest';
import { type ActivationMaps, openActivationMaps } from '../../../src/attack/metrics/activation-map.js';
import { upsample } from '../../../src/attack/metrics/upsample.js';
import type { Graph, Node, Value } from '../../../src/ir/types.js';
import { float32, int64, type Tensor } from '../../../src/tensor/tensor.js';
import { graphOf, node, typed } from '../../helpers/graphs.js';
import { openExamples } from './networks.js';

/** A convolution whose two channels are the input and its negative, Relu, and a head. */
function convolutional(
  shape: readonly number[],
  head: (activation: Value, logits: Value) => { nodes: Node[]; weights: [Value, Tensor][] },
  batch: number | string = 'batch',
): Graph {
  const [x, kernel, logits] = [typed('x', [batch, ...shape]), typed('kernel', []), typed('logits', [batch, 2])];
  const [made, active] = [{ name: 'made' }, { name: 'active' }];
  const { nodes, weights } = head(active, logits);
  return graphOf({
    inputs: [x],
    outputs: [logits],
    nodes: [node('Conv', [x, kernel], [made]), node('Relu', [made], [active]), ...nodes],
    initializers: new Map([
      [kernel, float32([2, 1, ...shape.slice(1).map(() => 1)], Float32Array.of(1, -1))],
      ...weights,
    ]),
  });
}

const [pooled, flat, w] = [{ name: 'pooled' }, { name: 'flat' }, typed('w', [])];

/** Scores: 2 a - b and b - 3 a, with a and b the means of the channels. */
const meanHead = (active: Value, logits: Value) => ({
  nodes: [
    node('GlobalAveragePool', [active], [pooled]),
    node('Flatten', [pooled], [flat]),
    node('MatMul', [flat, w], [logits]),
  ],
  weights: [[w, float32([2, 2], Float32Array.of(2, -3, -1, 1))] as [Value, Tensor]],
});

async function mapOf(graph: Graph, shape: readonly number[], x: readonly number[], label: number, batch?: number) {
  const ground = await openExamples(graph, shape, x, [-10, 10], batch);
  const maps = await openActivationMaps(ground.network, { threads: 1 });
  if ('reason' in maps) throw new Error(maps.reason);
  const map = await maps.map(ground.subjects, 0, label);
  await maps.release();
  await ground.release();
  return { maps: maps as ActivationMaps, map: [...map] };
}

// channel a: 1 0 3 0, channel b: 0 2 0 0
const x = [1, -2, 3, 0];

describe('behind a mean over positions it is CAM: activations times the weights of the label', () => {
  // 2 a - b is 2, -2, 6, 0
  const first = [0.5, 0, 1, 0.25];
  // b - 3 a is -3, 2, -9, 0
  const second = [6 / 11, 1, 0, 9 / 11];

  test.each([
    ['of an image', [1, 2, 2]],
    ['of a series', [1, 4]],
  ])('%s', async (_, shape) => {
    const { maps, map } = await mapOf(convolutional(shape, meanHead), shape, x, 0);
    expect([maps.method, maps.value]).toEqual(['CAM', 'active']);
    for (const [i, value] of first.entries()) expect(map[i]).toBeCloseTo(value, 6);
    const other = await mapOf(convolutional(shape, meanHead), shape, x, 1);
    for (const [i, value] of second.entries()) expect(other.map[i]).toBeCloseTo(value, 6);
  });

  test('of a model that takes three at a time', async () => {
    const { map } = await mapOf(convolutional([1, 2, 2], meanHead, 3), [1, 2, 2], [...x, ...x, ...x], 0, 3);
    for (const [i, value] of first.entries()) expect(map[i]).toBeCloseTo(value, 6);
  });
});

test('elsewhere it is Grad-CAM: mean gradients as weights, and what speaks against the label is cut', async () => {
  // the label's weights have means 2 over the first channel and -1 over the second
  const weights = [1, 3, 4, 0, -2, -1, -1, 0];
  const head = (active: Value, logits: Value) => ({
    nodes: [node('Flatten', [active], [flat]), node('MatMul', [flat, w], [logits])],
    weights: [[w, float32([8, 2], Float32Array.from(weights.flatMap((value) => [value, 0])))] as [Value, Tensor]],
  });
  const { maps, map } = await mapOf(convolutional([1, 2, 2], head), [1, 2, 2], x, 0);
  expect(maps.method).toBe('Grad-CAM');
  // max(0, 2 a - b): 2, 0, 6, 0
  for (const [i, value] of [1 / 3, 0, 1, 0].entries()) expect(map[i]).toBeCloseTo(value, 6);
});

test('a map of fewer places is made as large as the input', () => {
  const [from, to] = [
    { height: 1, width: 2 },
    { height: 2, width: 4 },
  ];
  expect([...upsample(Float32Array.of(0, 1), from, to)]).toEqual([0, 0.25, 0.75, 1, 0, 0.25, 0.75, 1]);
});

describe('has none, and says why', () => {
  const dense = (shape: readonly number[], size: number): Graph => {
    const [input, logits] = [typed('x', ['batch', ...shape]), typed('logits', ['batch', 2])];
    return graphOf({
      inputs: [input],
      outputs: [logits],
      nodes: [node('Reshape', [input, typed('sizes', [2], 'int64')], [flat]), node('MatMul', [flat, w], [logits])],
      initializers: new Map([
        [
          w,
          float32(
            [size, 2],
            Float32Array.from({ length: 2 * size }, (_, i) => i - 2),
          ),
        ],
      ]),
    });
  };

  test.each([
    ['a model without convolutions', [1, 2, 2], 'no layer behind a convolution has places'],
    ['features of a table', [4], 'features of a table have no places that a map could show'],
  ])('%s', async (_, shape, reason) => {
    const graph = dense(shape, 4);
    const sizes = [...graph.nodes[0]!.inputs][1]!;
    const whole = { ...graph, initializers: new Map([...graph.initializers, [sizes, int64([2], [-1, 4])]]) };
    const ground = await openExamples(whole, shape, x);
    expect(await openActivationMaps(ground.network, { threads: 1 })).toEqual({ reason });
    await ground.release();
  });
});
