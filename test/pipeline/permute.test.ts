/** `prune --permute` as a job: what it reorders and proves, resuming, several processes, and what it refuses. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Value } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import type { Builder } from '../../src/ops/builder.js';
import { findLayers } from '../../src/ops/layers.js';
import { readMatrices } from '../../src/ops/matrices.js';
import { compare } from '../../src/pipeline/compare/compare.js';
import { run as dryRun } from '../../src/pipeline/dry-run/prune.js';
import type { PruneRequest } from '../../src/pipeline/prune/request.js';
import { setReconstructScene } from '../../src/pipeline/reconstruct/scene.js';
import { renderHtml } from '../../src/report/prune-page.js';
import { random } from '../../src/tensor/random.js';
import { float32 } from '../../src/tensor/tensor.js';
import { graphOf, input } from '../ops/graphs.js';
import { exported } from './exported.js';
import { jobContext } from './prune-requests.js';
import { bothRequest, prune, reconstruction, reconstructRequest, tiny } from './reconstruct-requests.js';

const pattern = { kind: 'n:m', n: 2, m: 4 } as const;
const file = await tiny();
const request = (name: string, changes: Partial<PruneRequest> = {}) => {
  const { reconstruction: _, ...plain } = bothRequest(file, name, { pattern, permute: true });
  return { ...plain, ...changes };
};
const bytesOf = ({ output }: PruneRequest): Buffer => readFileSync(output!.model);

describe('prune --permute', () => {
  test('keeps more, says what, and marks the model', async () => {
    const asked = request('magnitude');
    const report = await prune(asked);
    const order = report.order!;
    expect(order.criterion).toBe('magnitude');
    expect(order.groups.length).toBeGreaterThan(1);
    expect(order.kept.after).toBeGreaterThan(order.kept.before);
    expect(order.apart).toBeLessThan(1e-5);
    for (const { kept } of order.groups) expect(kept.after).toBeGreaterThan(kept.before);
    for (const { sparsity } of report.layers) expect(sparsity.after).toBe(0.5);
    expect(renderHtml(report)).toContain('Order of units');
    expect(report.settings.options).toEqual({ permute: true });
    // what is left of all weights of the pruned layers is what the report says
    const [before, after] = [load(file.model).graph, load(asked.output!.model).graph].map((graph) => {
      const names = new Set(report.layers.map(({ name }) => name));
      const layers = findLayers(graph).layers.filter(({ name }) => names.has(name));
      return layers.flatMap((layer) => [...readMatrices(layer)]).reduce((sum, w) => sum + Math.abs(w), 0);
    });
    expect(after! / before!).toBeCloseTo(order.kept.after, 5);
    const compared = await compare(load(file.model), load(asked.output!.model), { parts: ['weights'] });
    expect(compared.isReordered).toBe(true);
    const back = reconstructRequest(asked.output!.model, file, 'back');
    expect(() => setReconstructScene(back)).toThrow(/expected units in the order of .*--permute --reconstruct/);
  });

  test('where nothing gains, nothing moves', async () => {
    const whole = request('all layers left', { pattern: { kind: 'n:m', n: 63, m: 64 } });
    const report = await prune(whole);
    expect(report.order!.groups).toEqual([]);
    expect(report.warnings).toContain('no units of this model can be put in an order in which the pattern keeps more');
    expect(bytesOf(whole).equals(readFileSync(file.model))).toBe(true);
  });

  test.each(['wanda', 'ria', 'sparsegpt'] as const)(
    '%s: two jobs, and a run that was stopped, give the same bytes',
    async (method) => {
      const changes = { method, statisticsFrom: 'dense' } as const;
      const [one, two, halted] = [
        request(`${method} one`, changes),
        request(`${method} two`, { ...changes, jobs: 2 }),
        request(`${method} halted`, changes),
      ];
      const report = await prune(one);
      expect(report.order!.criterion).toBe(method === 'ria' ? 'ria' : 'wanda');
      await prune(two);
      expect(bytesOf(two).equals(bytesOf(one))).toBe(true);
      const stopping = jobContext((event, abort) => {
        if (event.type === 'progress' && event.stage === 'prune') abort();
      });
      await expect(prune(halted, stopping)).rejects.toThrow(/abort/i);
      await prune(halted);
      expect(bytesOf(halted).equals(bytesOf(one))).toBe(true);
    },
  );

  test('a group whose order shows in what the model answers stays as it was', async () => {
    const x = input('x', [4, 8]);
    const draw = random(0, 'weights');
    const layers = (g: Builder, name: string): Value => {
      const weight = (shape: readonly number[], part: string) =>
        g.constant(float32(shape, draw.normals(128, part === 'in' ? 0 : 128)), `${name}.${part}`);
      return g.matmul(g.op('Relu', [g.matmul(x, weight([8, 16], 'in'))]), weight([16, 8], 'out'));
    };
    // a sine so steep that rounding decides
    const graph = graphOf([x], (g) => [g.op('Sin', [g.mul(layers(g, 'steep'), g.floats([1e7]))]), layers(g, 'even')]);
    const asked = request('steep', { model: (await exported(graph)).model });
    const { calibration: _, ...without } = asked;
    const { order } = await prune(without);
    expect(order!.groups).toHaveLength(1);
    expect(order!.groups[0]!.layers.join()).toContain('even');
    expect(order!.notes).toEqual([
      '1 group of units stays as it was: in another order, outputs differed by more than 0.00001',
    ]);
  });

  test('what is left is fitted in the new order', async () => {
    const report = await prune(request('fitted', { reconstruction: reconstruction() }));
    expect(report.order!.groups.length).toBeGreaterThan(1);
    for (const { loss } of report.reconstruction!.regions) expect(loss.after).toBeLessThan(loss.before);
    for (const { weightError } of report.layers) expect(weightError).toBeLessThan(1);
  });

  test.each([
    ['0.5', { kind: 'unstructured', sparsity: 0.5 }],
    ['4x4:0.5', { kind: 'blocks', rows: 4, columns: 4, sparsity: 0.5 }],
  ] as const)('refuses %s', async (text, other) => {
    const message = `prune: --permute expected an n:m pattern, got ${text}, of which any order keeps as much; say --pattern 2:4, or leave it out`;
    const asked = request(`refused ${text}`, { pattern: other });
    await expect(prune(asked)).rejects.toThrow(message);
    await expect(dryRun(asked, jobContext())).rejects.toThrow(message);
  });
});
