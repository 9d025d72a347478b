/** Weights as exporters store them: behind other nodes, in other layouts, quantised. */
import { describe, expect, test } from 'vitest';
import { readMatrices } from '../../src/ops/matrices.js';
import { run as evaluate } from '../../src/pipeline/eval/job.js';
import { inspect } from '../../src/pipeline/inspect/inspect.js';
import type { PrunerName } from '../../src/prune/index.js';
import { type Linear, plain, tinyGpt } from '../helpers/tiny-gpt.js';
import { exactForms, quantizedForms } from '../helpers/weight-forms.js';
import {
  expectMasked,
  expectOnlyLayersDiffer,
  exported,
  layersOf,
  pruneFile,
  type Result,
  storedPairs,
  tokensIn,
} from './exported.js';
import { jobContext } from './prune-requests.js';

async function pruned(linear: Linear, method: PrunerName): Promise<Result> {
  const file = await exported(tinyGpt({ linear }));
  return pruneFile(file, { method, calibration: tokensIn(file.folder) });
}

const known = new Map<PrunerName, Float32Array[]>();

async function plainMatrices(method: PrunerName): Promise<Float32Array[]> {
  const found = known.get(method) ?? matrices(await pruned(plain, method));
  known.set(method, found);
  return found;
}

const matrices = ({ report, after }: Result): Float32Array[] => {
  const layers = layersOf(after);
  return report.layers.map(({ name }) => readMatrices(layers.get(name)!));
};

const largestDifference = (a: readonly Float32Array[], b: readonly Float32Array[]): number =>
  Math.max(...a.flatMap((values, i) => Array.from(values, (value, j) => Math.abs(value - b[i]![j]!))));

describe.each(Object.entries(exactForms))('weights behind %s', (_name, linear) => {
  test.each(['wanda', 'sparsegpt'] as const)('%s gives the matrices of the plain model', async (method) => {
    const result = await pruned(linear, method);
    await expectOnlyLayersDiffer(result);
    if (method === 'wanda') expectMasked(result);
    const got = matrices(result);
    expect(got).toHaveLength(12);
    expect(largestDifference(await plainMatrices(method), got)).toBeLessThan(method === 'wanda' ? 1e-12 : 1e-4);
  });
});

describe.each(Object.entries(quantizedForms))('weights as %s', (_name, { linear, zeroPoint }) => {
  test('wanda writes the zero point and keeps all other integers', async () => {
    const file = await exported(tinyGpt({ linear, opset: 21 }));
    const data = tokensIn(file.folder);
    const result = await pruneFile(file, { calibration: data, evaluation: { ...data, metric: 'auto' } });
    expect(result.report.layers).toHaveLength(12);
    await expectOnlyLayersDiffer(result);
    expectMasked(result, 0.5, zeroPoint);
    const evaluation = { model: result.after.path!, data, metric: 'auto', engine: { provider: 'cpu' } } as const;
    expect(await evaluate(evaluation, jobContext())).toMatchObject({ perplexity: result.report.quality?.after });
    for (const { sparsity } of inspect(result.after).layers.slice(0, 12)) expect(sparsity).toBeGreaterThanOrEqual(0.5);
  });

  test('sparsegpt requantises with the same scales and says how far that moved them', async () => {
    const file = await exported(tinyGpt({ linear, opset: 21 }));
    const result = await pruneFile(file, { method: 'sparsegpt', calibration: tokensIn(file.folder) });
    await expectOnlyLayersDiffer(result);
    for (const [, before, after] of storedPairs(result)) {
      expect(after.filter((value) => value === zeroPoint).length).toBeGreaterThanOrEqual(after.length / 2);
      expect(after.some((value, i) => value !== zeroPoint && value !== before[i])).toBe(true);
    }
    for (const { notes } of result.report.layers) {
      expect(notes.join()).toMatch(/requantised with the model's scale: largest difference 0\.\d+/);
    }
  });
});
