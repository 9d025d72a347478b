import { describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/errors.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { dataOf, float32 } from '../../src/tensor/tensor.js';
import { algorithms } from '../../src/train/algorithms/index.js';
import { type BackboneName, backbones } from '../../src/train/backbones/index.js';
import { canonical } from '../../src/train/start/canonical.js';
import { trainableOf } from '../../src/train/start/trainable.js';
import { trainingForm } from '../../src/train/step/training-form.js';
import { graphOf, node, numbers, typed } from '../helpers/graphs.js';
import { observed } from './algorithms/observed.js';
import { small } from './small.js';

/** BatchNormalization and the mean over time alone, on two channels: small enough for a sheet of paper. */
function normalising(extra: Partial<Graph> = {}, channels = 2): Graph {
  const [input, logits] = [typed('input', ['batch', channels, 2]), typed('logits', ['batch', channels])];
  const [scale, shift, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((part) =>
    typed(`bn.${part}`, [channels]),
  ) as [Value, Value, Value, Value];
  const [normal, pooled] = [{ name: 'normal' }, { name: 'pooled' }];
  return graphOf({
    inputs: [input],
    outputs: [logits],
    nodes: [
      node('BatchNormalization', [input, scale, shift, mean, variance], [normal], {
        epsilon: { kind: 'float', value: 0 },
        momentum: { kind: 'float', value: 0.75 },
      }),
      node('GlobalAveragePool', [normal], [pooled]),
      node('Flatten', [pooled], [logits]),
    ],
    initializers: new Map([
      [scale, float32([2], Float32Array.of(2, 1))],
      [shift, float32([2], Float32Array.of(0, 10))],
      [mean, float32([2], Float32Array.of(8, -8))],
      [variance, float32([2], Float32Array.of(4, 1))],
    ]),
    ...extra,
  });
}

describe('the training form', () => {
  test('normalises by the batch, and lets running statistics follow its biased variance', async () => {
    const { graph, logits, statistics } = trainingForm(normalising(), trainableOf);
    // channel 0: 0, 2, 4, 6 of mean 3 and variance 5; channel 1: -1, 1, -1, 1 of mean 0 and variance 1
    const found = await numbers(graph, { input: float32([2, 2, 2], Float32Array.of(0, 2, -1, 1, 4, 6, -1, 1)) });
    const one = (2 * 2) / Math.sqrt(5);
    [-one, 10, one, 10].forEach((value, i) => {
      expect(found[logits.name]![i]).toBeCloseTo(value, 5);
    });
    const after = Object.fromEntries([...statistics].map(([{ name }, value]) => [name, found[value.name]]));
    expect(Object.keys(after)).toEqual(['bn.running_mean', 'bn.running_var']);
    for (const [name, expected] of [
      ['bn.running_mean', [0.75 * 8 + 0.25 * 3, -0.75 * 8]],
      ['bn.running_var', [0.75 * 4 + 0.25 * 5, 1]],
    ] as const)
      expected.forEach((value, i) => {
        expect(after[name]![i]).toBeCloseTo(value, 5);
      });
  });

  test.each(Object.keys(backbones) as BackboneName[])('keeps the names and numbers of weights: %s', (name) => {
    const model = backbones[name].build({ channels: 1, length: 16, classes: 2, width: 8 }, 0);
    const form = trainingForm(model, trainableOf);
    const given = new Map([...model.initializers].map(([value, t]) => [value.name, t]));
    expect(form.weights.length).toBeGreaterThan(5);
    for (const weight of form.weights)
      expect(dataOf(form.graph.initializers.get(weight)!)).toEqual(dataOf(given.get(weight.name)!));
    for (const value of form.statistics.keys()) expect(value.name).toMatch(/^[\w.]+\.running_(mean|var)$/);
    expect(form.statistics.size).toBe([...given.keys()].filter((each) => each.includes('running_')).length);
    expect(form.features).toBeDefined();
  });

  test('leaves a softmax at the end to the loss', async () => {
    const { outputs, nodes, ...rest } = normalising();
    const probabilities = typed('probabilities', ['batch', 2]);
    const ends = {
      ...rest,
      outputs: [probabilities],
      nodes: [...nodes, node('Softmax', [outputs[0]!], [probabilities], { axis: 1 })],
    };
    const form = trainingForm(ends, trainableOf);
    expect(form.logits.name).toBe('logits');
    expect(form.graph.outputs[0]).toBe(form.logits);
  });

  const wanted =
    "train: expected a model with one input of series, float32 [batch, channels, length] or [batch, length], and at most one more named 'mask', got";
  const inputs = (...values: Value[]): Graph => normalising({ inputs: values });
  test.each([
    ['pictures', inputs(typed('x', ['n', 3, 8, 8])), `${wanted} 'x' float32[n, 3, 8, 8]`],
    ['numbers of tokens', inputs(typed('ids', ['n', 8], 'int64')), `${wanted} 'ids' int64[n, 8]`],
    [
      'two series',
      inputs(typed('a', ['n', 2, 2]), typed('b', ['n', null])),
      `${wanted} 'a' float32[n, 2, 2], 'b' float32[n, ?]`,
    ],
    ['nothing', inputs(), `${wanted} none`],
    [
      'one size of batch',
      inputs(typed('x', [1, 2, 2])),
      "train: expected an input of any number of series, got 'x' of 1; export the model with a dynamic batch",
    ],
  ])('refuses %s', (_, model, message) => {
    expect(() => canonical(model, { channels: 2, length: 2 })).toThrow(
      expect.objectContaining({ message, exitCode: exitCodes.unsupported }),
    );
    expect(() => trainingForm(model, trainableOf)).toThrow(message);
  });

  test('refuses statistics that are computed', () => {
    const model = normalising();
    const [, , , mean] = model.nodes[0]!.inputs as [Value, Value, Value, Value];
    const before = typed('before', [2]);
    const stored = model.initializers.get(mean)!;
    const initializers = new Map([...model.initializers].filter(([value]) => value !== mean));
    const computed = {
      ...model,
      nodes: [node('Neg', [before], [mean]), ...model.nodes],
      initializers: initializers.set(before, stored),
    };
    expect(() => trainingForm(computed, trainableOf)).toThrow(
      /^train: expected the running statistics of 'normal' as initializers, got computed ones$/,
    );
  });
});

/** A series of eight steps through two nodes of Dropout, which have no names, with weights that change nothing between. */
function dropping(inner: readonly (string | number)[]): Graph {
  const [input, logits] = [typed('input', ['batch', 1, 'steps']), typed('logits', ['batch', 8])];
  const [weight, ratio] = [typed('fc.weight', [8, 8]), typed('ratio', [])];
  const [first, flat, second] = [typed('first', inner), { name: 'flat' }, { name: 'second' }];
  const unnamed = (...args: Parameters<typeof node>) => ({ ...node(...args), name: '' });
  return graphOf({
    inputs: [input],
    outputs: [logits],
    nodes: [
      unnamed('Dropout', [input, ratio], [first]),
      unnamed('Flatten', [first], [flat]),
      unnamed('Dropout', [flat], [second]),
      unnamed('MatMul', [second, weight], [logits]),
    ],
    initializers: new Map([
      [ratio, float32([], Float32Array.of(0.2))],
      [
        weight,
        float32(
          [8, 8],
          Float32Array.from({ length: 64 }, (_, i) => (i % 9 === 0 ? 1 : 0)),
        ),
      ],
    ]),
  });
}

describe('Dropout', () => {
  const shape = { channels: 1, length: 8, classes: 8 };
  const dropped = (inner: readonly (string | number)[]) => {
    const model = canonical(dropping(inner), shape);
    return small({ algorithm: algorithms['pi-model'] as never, shape, model, labelledBatch: 20, unlabelledBatch: 180 });
  };

  test.each([
    ['whose inner sizes nobody says', []],
    ['whose inner sizes have names', ['batch', 1, 'steps']],
  ])('is a mask that is fed, apart for each node and pass, in a network %s', async (_, inner) => {
    const { passes, fed } = await observed(dropped(inner), { step: 0 });
    const masks = Object.entries(fed).filter(([name]) => name.startsWith('dropout/'));
    expect(masks).toHaveLength(4);
    for (const [name, mask] of masks) {
      const ratio = name.includes('first') ? 0.2 : 0.5;
      const [kept] = [1 / (1 - ratio)];
      expect(mask).toHaveLength(200 * 8);
      const zeros = mask.filter((each) => each === 0).length;
      expect(mask.every((each) => each === 0 || Math.abs(each - kept) < 1e-6)).toBe(true);
      expect(Math.abs(zeros / mask.length - ratio)).toBeLessThan(0.05);
    }
    passes.forEach(({ x, logits }, at) => {
      const [one, other] = masks.slice(2 * at, 2 * at + 2).map(([, mask]) => mask);
      const series = x.flat();
      const misses = logits.flat().map((value, i) => Math.abs(value - series[i]! * one![i]! * other![i]!));
      expect(Math.max(...misses)).toBeLessThan(1e-5);
    });
    expect(new Set(masks.map(([, mask]) => mask.join())).size).toBe(4);
  });
});
