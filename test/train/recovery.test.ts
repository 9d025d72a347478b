/** Recovery after pruning: what is zero in a pruned classifier of series stays zero in training, and the rest moves. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { findLayers } from '../../src/ops/layers.js';
import { bake } from '../../src/rewrite/bake.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { float32 } from '../../src/tensor/tensor.js';
import { runScalpel } from '../cli/run-scalpel.js';

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'scalpel-recovery-'));
const pruned = join(folder, 'pruned.onnx');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Weights of layers but the last, by name. */
const weightsOf = (path: string): Map<string, Float32Array> =>
  new Map(
    findLayers(load(path).graph)
      .layers.slice(0, -1)
      .map(({ name, stored }) => [name, Float32Array.from(floatsOf(stored))]),
  );

beforeAll(async () => {
  const model = load(at('models/cbf-fcn/model.onnx'));
  const thinned = findLayers(model.graph)
    .layers.slice(0, -1)
    .map(({ weight, stored }) => {
      const values = Float32Array.from(floatsOf(stored), (value, i) => (i % 5 === 0 ? value : 0));
      return [weight, float32(stored.shape, values)] as const;
    });
  await save({ ...model, graph: bake(model.graph, new Map(thinned)) }, pruned, { force: true });
});

describe('of the zeros of a pruned model', () => {
  test.each([
    ['all stay', 'mixmatch', [], true],
    ['some move with --free-zeros', 'supervised', ['--free-zeros'], false],
  ])('%s: %s', async (_, algorithm, words, areHeld) => {
    const output = join(folder, algorithm);
    const { exitCode } = await runScalpel([
      ...['train', '--model', pruned, '--data', at('calibration/cbf-train.tsv'), '--labels', '50', '--seeds', '1'],
      ...['--algorithm', algorithm, '--steps', '2', '--labelled-batch', '8', '--unlabelled-batch', '8'],
      ...['--validation-size', '30', '--threads', '1', '--quiet'],
      ...['--output', output, ...words],
    ]);
    expect(exitCode).toBe(0);
    const trained = weightsOf(join(output, 'model.onnx'));
    for (const [name, before] of weightsOf(pruned)) {
      const after = trained.get(name)!;
      const zeros = [...before.keys()].filter((i) => before[i] === 0);
      expect(zeros.length).toBeGreaterThan(0.79 * before.length);
      expect(zeros.every((i) => after[i] === 0)).toBe(areHeld);
      expect(before.some((value, i) => value !== 0 && after[i] !== value)).toBe(true);
      expect(after.some((value, i) => value === 0 && before[i] !== 0)).toBe(false);
    }
  });
});
