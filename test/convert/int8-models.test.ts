import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { int8 } from '../../src/convert/int8.js';
import { openSamples } from '../../src/data/open.js';
import { batchesOf } from '../../src/data/samples.js';
import { classification } from '../../src/evaluate/classification.js';
import { load } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { float32, int64 } from '../../src/tensor/tensor.js';
import { root } from '../data/models.js';
import { noise } from '../ops/graphs.js';
import { bitsHere, bundled, converted, distance, outputOf } from './asked.js';

describe('bundled models', () => {
  test.each([
    ['mnist-cnn', [4, 1, 28, 28]],
    ['cbf-fcn', [4, 1, 128]],
    ['iris', [4, 4]],
  ])('%s', async (name, shape) => {
    const x = float32(shape, noise(shape.reduce((a, b) => a * b)).map(Math.abs));
    const { before, graph } = await converted(int8, bundled(name));
    const fed = { input: x };
    const y = await outputOf(before, fed);
    expect(distance(await outputOf(graph, fed), y)).toBeLessThan(0.04);
    const batches = [new Map([[before.inputs[0]!, x]])];
    const { bits, rounding } = await bitsHere();
    const { graph: integers } = await converted(int8, bundled(name), { activations: 'static', bits }, { batches });
    expect(distance(await outputOf(integers, fed), y)).toBeLessThan(0.05 * rounding);
  });

  test('gpt-sotu is a third of its size, and reads back from its file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'scalpel-int8-'));
    try {
      const { made, before, tensors } = await converted(int8, bundled('gpt-sotu'));
      if (made.kind !== 'model') throw new Error('expected a model');
      const path = join(folder, 'small.onnx');
      await save(made.model, path);
      const { graph } = load(path);
      const fed = { input_ids: int64([1, 16], noise(16, 5).map((value) => Math.floor((value + 1) * 1000)) as never) };
      expect(distance(await outputOf(graph, fed), await outputOf(before, fed))).toBeLessThan(0.02);
      const sum = (part: 'before' | 'after') => tensors.reduce((total, { bytes }) => total + bytes[part], 0);
      expect(sum('after') / sum('before')).toBeLessThan(0.26);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('cbf-fcn classifies as before, in integers', async () => {
    const { graph } = load(bundled('cbf-fcn'));
    const calibration = await openSamples(graph, [join(root, 'calibration/cbf-train.tsv')]);
    const heldOut = await openSamples(graph, [join(root, 'calibration/cbf-test.tsv')]);
    const { graph: made } = await converted(
      int8,
      bundled('cbf-fcn'),
      { activations: 'static' },
      { batches: batchesOf(calibration, 16) },
    );
    const [before, after] = [await classification(graph, heldOut), await classification(made, heldOut)];
    expect(after.top1).toBeGreaterThanOrEqual(before.top1 - 0.01);
  });
});
