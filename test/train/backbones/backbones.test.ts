import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gradientGraph } from '../../../src/autodiff/gradient-graph.js';
import { prepare } from '../../../src/autodiff/prepare.js';
import { weightsOf } from '../../../src/autodiff/weights.js';
import { valuesByName } from '../../../src/ir/graph.js';
import { floatAttr, intAttr } from '../../../src/ir/node.js';
import type { Graph } from '../../../src/ir/types.js';
import { verify } from '../../../src/ir/verify.js';
import { load } from '../../../src/onnx/load.js';
import { save } from '../../../src/onnx/save.js';
import { lift } from '../../../src/rewrite/lift.js';
import { floatsOf } from '../../../src/tensor/convert.js';
import { dataOf, type Tensor } from '../../../src/tensor/tensor.js';
import { type BackboneName, type BackboneShape, backbones } from '../../../src/train/backbones/index.js';
import { temporaryFolder } from '../../data/models.js';
import { numbers, opsOf } from '../../helpers/graphs.js';
import { drawnSeries, maskOf, padded, stirred } from './series.js';

const { folder } = temporaryFolder();

const shape: BackboneShape = { channels: 2, length: 24, classes: 3, width: 8 };
const names = Object.keys(backbones) as BackboneName[];
const build = (name: BackboneName, changes: Partial<BackboneShape> = {}, seed = 7): Graph =>
  backbones[name].build({ ...shape, ...changes }, seed);
const published = (name: BackboneName): Graph => backbones[name].build({ channels: 1, length: 96, classes: 7 }, 0);

/** Weights as published, of one channel, 96 steps and 7 classes: counted by hand. */
const sizes: Readonly<Record<BackboneName, number>> = {
  fcn: 7 * 128 + 5 * 128 * 256 + 3 * 256 * 128 + 2 * 512 + 129 * 7,
  resnet:
    (7 + 5 * 64 + 3 * 64 + 1) * 64 +
    (7 * 64 + 5 * 128 + 3 * 128 + 64) * 128 +
    15 * 128 * 128 +
    2 * (256 + 9 * 128 - 128) +
    129 * 7,
  'inception-time':
    (67 + 1) * 32 + 5 * (128 * 32 + 67 * 32 * 32 + 128 * 32) + 6 * 256 + (1 + 128) * 128 + 2 * 256 + 129 * 7,
  'cnn-lstm': 5 * (1 + 64 + 64) * 64 + 3 * 128 + 4 * 128 * (64 + 128 + 2) + 129 * 7,
  transformer:
    8 * 64 + 96 * 64 + 2 * (64 * 192 + 192 + 64 * 64 + 64 + 2 * 64 * 256 + 256 + 64 + 4 * 64) + 2 * 64 + 65 * 7,
};

describe.each(names)('%s', (name) => {
  test('has the weights that were published, and no others', () => {
    const graph = published(name);
    const count = weightsOf(graph).reduce((sum, value) => sum + dataOf(graph.initializers.get(value)!).length, 0);
    expect(backbones[name].name).toBe(name);
    expect(count).toBe(sizes[name]);
  });

  test('is saved and loaded as it is, and runs with any number of series', async () => {
    const graph = build(name);
    verify(graph);
    const path = join(folder, `${name}.onnx`);
    await save({ graph, irVersion: 8, producer: 'test', metadata: new Map() }, path);
    const loaded = load(path).graph;
    expect(loaded.inputs).toEqual(graph.inputs);
    expect(loaded.outputs).toEqual(graph.outputs);
    for (const batch of [1, 5]) {
      const fed = { input: drawnSeries(batch, 2, 24) };
      const { logits } = await numbers(loaded, fed);
      expect(logits).toHaveLength(batch * 3);
      expect(logits).toEqual((await numbers(graph, fed)).logits);
    }
  });

  test('every weight has a gradient, masked or not', async () => {
    for (const masked of [false, true]) {
      const graph = stirred(build(name, { masked, dropout: 0.1 }));
      const weights = weightsOf(graph);
      const prepared = await prepare(lift(graph, weights));
      const wrt = weights.map((value) => value.name);
      const made = await gradientGraph(prepared, { of: 'logits', wrt, sum: true });
      expect(made.unreached).toEqual([]);
      const results = await numbers(made.graph, {
        input: drawnSeries(4, 2, 24),
        mask: maskOf([24, 20, 9, 24], 24),
        ...Object.fromEntries(weights.map((value) => [value.name, graph.initializers.get(value)!])),
      });
      const still = wrt.filter((weight) => !results[`grad/${weight}`]!.some((slope) => Math.abs(slope) > 0));
      expect(still).toEqual([]);
    }
  });

  test.each([
    [60, 44],
    // more steps than the transformer has tokens, and an end inside a patch
    [300, 290],
  ])('of %i steps gives for series that end after %i what one of that length does', async (length, end) => {
    const whole = stirred(build(name, { length, masked: true }));
    const short = stirred(build(name, { length: end }));
    const series = drawnSeries(2, 2, end);
    const cut = await numbers(short, { input: series });
    const filled = await numbers(whole, { input: padded(series, length), mask: maskOf([end, end], length) });
    expectClose(filled.logits!, cut.logits!);
    const all = drawnSeries(2, 2, length);
    const open = await numbers(stirred(build(name, { length })), { input: all });
    const ones = await numbers(whole, { input: all, mask: maskOf([length, length], length) });
    expectClose(ones.logits!, open.logits!);
    expect(filled.logits).not.toEqual(ones.logits);
  });

  test('a series without any value gives numbers too', async () => {
    const { logits } = await numbers(build(name, { masked: true }), {
      input: drawnSeries(2, 2, 24),
      mask: maskOf([0, 24], 24),
    });
    expect(logits!.every(Number.isFinite)).toBe(true);
  });

  test.each([1, 2, 3, 5])('takes series of %i steps', async (length) => {
    const { logits } = await numbers(build(name, { length }), { input: drawnSeries(2, 2, length) });
    expect(logits!.every(Number.isFinite)).toBe(true);
  });

  test('weights follow the seed', () => {
    const bytes = (graph: Graph): Buffer =>
      Buffer.concat([...graph.initializers.values()].map((stored) => stored.payload.read()));
    expect(bytes(build(name)).equals(bytes(build(name)))).toBe(true);
    expect(bytes(build(name)).equals(bytes(build(name, {}, 8)))).toBe(false);
  });

  test('drops where asked to, and nothing at inference', async () => {
    const [none, some] = [build(name), build(name, { dropout: 0.3 })];
    expect(opsOf(none)).not.toContain('Dropout');
    const nodes = some.nodes.filter(({ op }) => op === 'Dropout');
    expect(nodes.length).toBeGreaterThan(0);
    for (const { inputs } of nodes) {
      expect(inputs).toHaveLength(2);
      expect(scalarOf(some.initializers.get(inputs[1]!)!)).toBeCloseTo(0.3, 6);
    }
    const fed = { input: drawnSeries(2, 2, 24) };
    expect((await numbers(some, fed)).logits).toEqual((await numbers(none, fed)).logits);
  });

  test('normalises batches in the form of inference, from mean 0 and variance 1', () => {
    const graph = build(name);
    for (const node of graph.nodes.filter(({ op }) => op === 'BatchNormalization')) {
      expect(intAttr(node, 'training_mode', 0)).toBe(0);
      expect([floatAttr(node, 'epsilon', 0), floatAttr(node, 'momentum', 0)]).toEqual([1e-5, 0.9]);
      const [weight, bias, mean, variance] = node.inputs.slice(1) as [(typeof graph.inputs)[0], never, never, never];
      const stem = weight.name.replace(/\.weight$/, '');
      expect(node.inputs.slice(2).map((value) => value!.name)).toEqual(
        ['bias', 'running_mean', 'running_var'].map((part) => `${stem}.${part}`),
      );
      const filled = [weight, bias, mean, variance].map((value) => new Set(floatsOf(graph.initializers.get(value)!)));
      expect(filled).toEqual([new Set([1]), new Set([0]), new Set([0]), new Set([1])]);
    }
  });
});

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i]!, 4);
}

const scalarOf = (stored: Tensor): number => Number(dataOf(stored)[0]);

describe('initialisation', () => {
  test.each([
    ['fcn', 'conv2.weight', 1 / Math.sqrt(128 * 5)],
    ['fcn', 'fc.weight', 1 / Math.sqrt(128)],
    ['inception-time', 'module4.conv1.weight', 1 / Math.sqrt(32 * 39)],
    ['cnn-lstm', 'lstm.recurrent_weight', 1 / Math.sqrt(128)],
    ['transformer', 'layer2.attention.input.weight', Math.sqrt(6 / 256)],
    ['transformer', 'layer1.mlp2.weight', 1 / 16],
  ] as const)("%s: %s is uniform as PyTorch's", (name, weight, bound) => {
    const graph = published(name);
    const values = Array.from(dataOf(graph.initializers.get(valuesByName(graph).get(weight)!)!), Number);
    const mean = values.reduce((a, b) => a + b) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    expect(values.every((value) => Math.abs(value) <= bound)).toBe(true);
    expect(Math.abs(mean) / bound).toBeLessThan(0.06);
    expect(deviation / (bound / Math.sqrt(3))).toBeGreaterThan(0.96);
    expect(deviation / (bound / Math.sqrt(3))).toBeLessThan(1.04);
  });
});

describe('refusals', () => {
  test.each([
    ['fcn', { channels: 0 }, 'fcn: expected channels to be a whole number from 1 on, got 0; choose another'],
    ['resnet', { classes: 1 }, 'resnet: expected classes to be a whole number from 2 on, got 1; choose another'],
    ['cnn-lstm', { length: 2.5 }, 'cnn-lstm: expected length to be a whole number from 1 on, got 2.5; choose another'],
    ['inception-time', { dropout: 1 }, 'inception-time: expected dropout in [0, 1), got 1; choose a fraction'],
    ['transformer', { width: 6 }, 'transformer: expected a width that 4 heads divide, got 6; choose another'],
  ] as const)('%s with %o', (name, changes, message) => {
    expect(() => build(name, changes)).toThrow(expect.objectContaining({ message, exitCode: 2 }));
  });
});
