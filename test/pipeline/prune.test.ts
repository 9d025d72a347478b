import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { load } from '../../src/onnx/load.js';
import { findLayers } from '../../src/ops/layers.js';
import { readMatrices } from '../../src/ops/matrices.js';
import { compare } from '../../src/pipeline/compare/compare.js';
import { run } from '../../src/pipeline/prune/job.js';
import type { PruneRequest } from '../../src/pipeline/prune/request.js';
import { type PrunerName, pruners } from '../../src/prune/index.js';
import type { PruneReport } from '../../src/report/prune-report.js';
import type { JobContext } from '../../src/runtime/job-protocol.js';
import { gpt, jobContext, newFolder, outputIn, pruneRequest, sotu } from './prune-requests.js';

const prune = async (request: PruneRequest, context = jobContext()): Promise<PruneReport> =>
  (await run(request, context)) as PruneReport;

const outputOf = (request: PruneRequest): string => request.output?.model as string;

const zerosByLayer = (path: string): Map<string, number> =>
  new Map(
    findLayers(load(path).graph).layers.map((layer) => {
      const values = readMatrices(layer);
      return [layer.name, values.filter((value) => value === 0).length / values.length];
    }),
  );

describe('prune', () => {
  test.each(Object.keys(pruners) as PrunerName[])(
    '%s removes half of each block matrix and touches nothing else',
    async (method) => {
      const request = pruneRequest({ method });
      const report = await prune(request);
      expect(report.selected.after.nonZero).toBe(report.selected.before.total / 2);
      const { structure, weights, fields } = await compare(load(gpt), load(outputOf(request)), {
        parts: ['structure', 'weights', 'fields'],
      });
      expect(structure).toEqual([]);
      expect(fields).toEqual([]);
      expect(weights?.different.map(({ name }) => name).sort()).toEqual(report.layers.map(({ name }) => name).sort());
      expect(report.layers).toHaveLength(24);
      expect(readdirSync(dirname(outputOf(request))).sort()).toEqual(['pruned.onnx', 'report']);
    },
  );

  test('keeps 2 of every 4 inputs and says so', async () => {
    const request = pruneRequest({ method: 'ria', pattern: { kind: 'n:m', n: 2, m: 4 } });
    const report = await prune(request);
    expect(report.settings).toMatchObject({ pattern: '2:4', group: '4 inputs' });
    const pruned = new Set(report.layers.map(({ name }) => name));
    for (const layer of findLayers(load(outputOf(request)).graph).layers) {
      if (!pruned.has(layer.name)) continue;
      const values = readMatrices(layer);
      for (let i = 0; i < values.length; i += 4) {
        const zeros = values.subarray(i, i + 4).filter((value) => value === 0);
        if (zeros.length < 2) expect.fail(`${layer.name}: ${zeros.length} zeros at ${i}`);
      }
    }
  });

  const spreads = [
    ['a threshold over all layers', { group: 'global' }],
    ['ERK', { allocation: { kind: 'erk', overrides: [] } }],
    ['OWL', { allocation: { kind: 'owl', overrides: [] } }],
    ['OWL with a criterion that needs no data', { method: 'magnitude', allocation: { kind: 'owl', overrides: [] } }],
    ['SparseGPT under a threshold over all layers', { method: 'sparsegpt', group: 'global' }],
  ] as const;
  test.each(spreads)('%s meets the sparsity as a whole and not layer by layer', async (_name, changes) => {
    const { layers, selected } = await prune(pruneRequest(changes as Partial<PruneRequest>));
    expect(selected.after.nonZero / selected.after.total).toBeCloseTo(0.5, 2);
    expect(new Set(layers.map(({ sparsity }) => sparsity.after.toFixed(3))).size).toBeGreaterThan(1);
  });

  test('an override fixes single layers and the others keep the target', async () => {
    const overrides = [{ layer: '*h.0/c_attn*', sparsity: 0.25 }];
    const { layers } = await prune(pruneRequest({ allocation: { kind: 'uniform', overrides } }));
    for (const { node, sparsity } of layers)
      expect(sparsity.after).toBeCloseTo(node?.includes('h.0/c_attn') ? 0.25 : 0.5, 3);
  });

  test('include and exclude choose layers, the head too when asked for', async () => {
    const context = jobContext();
    const request = pruneRequest({
      method: 'magnitude',
      layers: { include: ['/MatMul', '*c_fc*'], exclude: ['re:h\\.[1-5]'] },
    });
    const report = await prune(request, context);
    expect(report.layers.map(({ node }) => node)).toEqual(['/h.0/c_fc/MatMul', '/MatMul']);
    expect(context.said[0]).toMatch(/^'\/MatMul' matches onnx::MatMul_732$/);
    expect([...zerosByLayer(outputOf(request)).values()].filter((fraction) => fraction > 0.4)).toHaveLength(2);
  });

  test('statistics of the dense model give another mask than those of the pruned prefix', async () => {
    const [sparse, dense] = [pruneRequest(), pruneRequest({ statisticsFrom: 'dense' })];
    await prune(sparse);
    await prune(dense);
    const { weights } = await compare(load(outputOf(sparse)), load(outputOf(dense)), { parts: ['weights'] });
    const first = new Set(
      findLayers(load(gpt).graph)
        .layers.slice(0, 4)
        .map(({ name }) => name),
    );
    const different = weights?.different.map(({ name }) => name) ?? [];
    expect(different.length).toBeGreaterThan(5);
    expect(different.filter((name) => first.has(name))).toEqual([]);
  });

  test.each(['matrix', 'half', 'whole'] as const)('works by %s as well', async (regions) => {
    const { selected } = await prune(pruneRequest({ regions }));
    expect(selected.after.nonZero).toBe(selected.after.total / 2);
  });

  test('a run that was stopped goes on where it was, to the same bytes', async () => {
    const whole = pruneRequest({ method: 'sparsegpt' });
    await prune(whole);
    const folder = newFolder();
    const stopping = jobContext((event, abort) => {
      if (event.type === 'progress' && event.stage === 'prune' && event.done === 3) abort();
    });
    const halted = pruneRequest({ method: 'sparsegpt' }, folder);
    await expect(prune(halted, stopping)).rejects.toThrow(/abort/i);
    expect(existsSync(outputOf(halted))).toBe(false);
    const resumed = jobContext();
    await prune(halted, resumed);
    expect(resumed.said.join()).toContain('resuming the run');
    expect(readFileSync(outputOf(halted)).equals(readFileSync(outputOf(whole)))).toBe(true);
  });

  test('a resume with other options is refused', async () => {
    const folder = newFolder();
    const stopping = jobContext((event, abort) => {
      if (event.type === 'progress' && event.stage === 'prune' && event.done === 1) abort();
    });
    await expect(prune(pruneRequest({}, folder), stopping)).rejects.toThrow(/abort/i);
    await expect(prune(pruneRequest({ seed: 7 }, folder))).rejects.toThrow(
      /run: belongs to a run with other settings \(seed: 0 then, 7 now\)/,
    );
  });

  test('the quality gate stops before anything is written', async () => {
    const evaluation = { ...sotu, metric: 'auto' as const };
    const request = pruneRequest({ method: 'random', evaluation, maxDrop: 0.1 });
    await expect(prune(request)).rejects.toThrow(/expected perplexity to get worse by at most 0\.1 of/);
    await expect(prune(request)).rejects.toMatchObject({ exitCode: 4 });
    expect(existsSync(outputOf(request))).toBe(false);
  });

  test('two equal runs in different folders give equal reports, but for times and paths', async () => {
    const requests = [pruneRequest(), pruneRequest()];
    const texts: string[] = [];
    for (const request of requests) {
      const { timing: _, ...report } = await prune(request);
      texts.push(JSON.stringify(report).replaceAll(dirname(outputOf(request)), 'FOLDER'));
    }
    expect(texts[1]).toBe(texts[0]);
  });

  test('an interrupted run says where its finished regions are', async () => {
    const request = pruneRequest({ method: 'magnitude' });
    const controller = new AbortController();
    const stop = new UserError('interrupted', 'stopped', { exitCode: 130 });
    const context: JobContext = {
      ...jobContext(),
      signal: controller.signal,
      emit: (event) => event.type === 'progress' && event.done === 2 && controller.abort(stop),
    };
    await expect(run(request, context)).rejects.toMatchObject({
      message: `interrupted: what is finished is kept in ${request.output?.run}; the same command again goes on from there`,
      exitCode: 130,
    });
  });

  test('quality, sizes and latency are measured before and after', async () => {
    const report = await prune(pruneRequest({ evaluation: { ...sotu, metric: 'auto' } }));
    expect(report.quality).toMatchObject({ metric: 'perplexity', better: 'lower' });
    expect(report.quality?.after).toBeGreaterThan(report.quality?.before as number);
    expect(report.model.after.bytes).toBe(report.model.before.bytes);
    expect(report.model.after.gzipBytes).toBeLessThan(0.8 * (report.model.before.gzipBytes as number));
    expect(report.timing.latency?.afterMs).toBeGreaterThan(0);
  });

  test('a dry run lists the layers and writes nothing', async () => {
    const { output: _, ...request } = pruneRequest();
    const plan = await run(request, jobContext());
    expect(plan).toMatchObject({ kind: 'prune-plan', skipped: [{ name: 'onnx::MatMul_732', reason: 'output head' }] });
    expect(plan.layers).toHaveLength(24);
  });

  test('what exists is not overwritten without force', async () => {
    const folder = newFolder();
    await prune(pruneRequest({ method: 'magnitude' }, folder));
    await expect(prune(pruneRequest({ method: 'magnitude' }, folder))).rejects.toThrow(
      /pruned\.onnx: already exists; add --force/,
    );
    await prune(pruneRequest({ method: 'magnitude', output: { ...outputIn(folder), force: true } }));
  });
});
