/** Language models in the shapes of real exports: shared and tied weights, caches, merged decoders. */
import { describe, expect, test } from 'vitest';
import { load } from '../../src/onnx/load.js';
import { run as compareFiles } from '../../src/pipeline/compare/job.js';
import { run as evaluate } from '../../src/pipeline/eval/job.js';
import { inspect } from '../../src/pipeline/inspect/inspect.js';
import { type GptForm, tinyGpt } from '../helpers/tiny-gpt.js';
import { expectMasked, expectOnlyLayersDiffer, exported, pruneFile, storedPairs, tokensIn } from './exported.js';
import { jobContext } from './prune-requests.js';

describe('blocks that share their weights', () => {
  test.each(['sparse', 'dense'] as const)('are pruned once, with statistics from %s', async (statisticsFrom) => {
    const file = await exported(tinyGpt({ isShared: true }));
    const data = tokensIn(file.folder);
    for (const method of ['wanda', 'sparsegpt'] as const) {
      const result = await pruneFile(file, { method, statisticsFrom, calibration: data });
      expect(result.report.layers).toHaveLength(6);
      await expectOnlyLayersDiffer(result);
      if (method === 'wanda') expectMasked(result);
    }
  });

  test('are listed once, with the number of their uses', async () => {
    const { model } = await exported(tinyGpt({ isShared: true }));
    const report = inspect(load(model), { regions: 'block' });
    expect(report.layers.map(({ uses }) => uses)).toEqual([2, 2, 2, 2, 2, 2, 1]);
  });
});

describe('a head that is the embedding', () => {
  test('is left alone', async () => {
    const file = await exported(tinyGpt({ isTied: true }));
    const { report } = await pruneFile(file, { calibration: tokensIn(file.folder) });
    expect(report.layers).toHaveLength(12);
    expect(report.skipped.map(({ reason }) => reason)).toEqual(['shares its weight with an embedding']);
    expect(report.warnings).toEqual([]);
  });

  test('is pruned with the embedding when asked for, and the report says so', async () => {
    const file = await exported(tinyGpt({ isTied: true }));
    const layers = { include: ['logits'], exclude: [] };
    const result = await pruneFile(file, { calibration: tokensIn(file.folder), layers });
    expect(result.report.layers).toHaveLength(1);
    await expectOnlyLayersDiffer(result);
    expectMasked(result);
    expect(result.report.layers[0]?.notes.join()).toContain('embedding');
  });
});

const cached: Readonly<Record<string, GptForm>> = {
  'with a cache': { hasCache: true },
  'with a cache in float16': { hasCache: true, dtype: 'float16' },
  'merged, with a cache branch': { isMerged: true },
  'merged, with a cache branch, in float16': { isMerged: true, dtype: 'float16' },
};

describe.each(Object.entries(cached))('a decoder %s', (_name, form) => {
  test('is pruned as the decoder without a cache is', async () => {
    const file = await exported(tinyGpt(form));
    const data = tokensIn(file.folder);
    const result = await pruneFile(file, { calibration: data, evaluation: { ...data, metric: 'auto' } });
    await expectOnlyLayersDiffer(result);
    expectMasked(result);
    expect(result.report.warnings).toEqual([]);
    expect(result.report.timing.latency?.beforeMs).toBeGreaterThan(0);

    const plainFile = await exported(tinyGpt({ ...form, hasCache: false, isMerged: false }));
    const plain = await pruneFile(plainFile, { calibration: data, evaluation: { ...data, metric: 'auto' } });
    expect(storedPairs(result).map(([, , after]) => after)).toEqual(storedPairs(plain).map(([, , after]) => after));
    expect(result.report.quality?.after).toBeCloseTo(plain.report.quality?.after as number, 3);
  });

  test('is evaluated, inspected and compared', async () => {
    const file = await exported(tinyGpt(form));
    const data = tokensIn(file.folder);
    const { before, after } = await pruneFile(file, { method: 'magnitude' });
    const engine = { provider: 'cpu', threads: 2 } as const;
    const quality = await evaluate({ model: after.path!, data, metric: 'auto', engine }, jobContext());
    expect(quality).toMatchObject({ metric: 'perplexity' });
    expect(inspect(after).layers.map(({ sparsity }) => sparsity)).toEqual([...Array(12).fill(0.5), 0]);
    for (const samples of [{}, { data }]) {
      const request = { a: before.path!, b: after.path!, tolerance: 1e-5, seed: 0, engine, ...samples };
      const { outputs } = await compareFiles(request, jobContext());
      expect(outputs?.failure).toBeUndefined();
      expect(outputs?.outputs.map(({ name, isWithin }) => [name, isWithin])).toEqual([['logits', false]]);
    }
  });
});
