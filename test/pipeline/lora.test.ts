/** Low-rank changes that stay beside the layers of the model that is saved. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { pruneText } from '../../src/cli/prune-text.js';
import { load } from '../../src/onnx/load.js';
import { compare } from '../../src/pipeline/compare/compare.js';
import type { PruneRequest } from '../../src/pipeline/prune/request.js';
import type { ReconstructRequest } from '../../src/pipeline/reconstruct/request.js';
import type { GptForm } from '../helpers/tiny-gpt.js';
import { exactForms, quantizedForms } from '../helpers/weight-forms.js';
import { type Exported, layersOf } from './exported.js';
import { jobContext } from './prune-requests.js';
import { bothRequest, prune, reconstruct, reconstruction, reconstructRequest, tiny } from './reconstruct-requests.js';

const lora = { trained: 'lora', rank: 2 } as const;
const bytesOf = ({ output }: PruneRequest | ReconstructRequest): Buffer => readFileSync(output!.model);

let plain: Exported;
beforeAll(async () => {
  plain = await tiny();
});

describe('--trained lora', () => {
  const { 'Gemm with transB': gemm, 'a Constant node': constant } = exactForms;
  const forms: readonly (readonly [string, GptForm, 'float32' | 'float16'])[] = [
    ['float32', {}, 'float32'],
    ['float16', { dtype: 'float16' }, 'float16'],
    ['Gemm', { linear: gemm! }, 'float32'],
    ['weights in Constant nodes', { linear: constant! }, 'float32'],
    ['blocks that share their weights', { isShared: true }, 'float32'],
  ];
  test.each(forms)('adds nodes beside pruned layers and touches nothing else: %s', async (name, form, dtype) => {
    const file = await tiny(form);
    const alone = bothRequest(file, 'alone');
    const { reconstruction: _, ...masked } = alone;
    await prune(masked);
    const both = bothRequest(file, 'lora', {
      reconstruction: reconstruction(lora),
      evaluation: { ...alone.calibration!, metric: 'auto' },
    });
    const report = await prune(both);
    const [before, after] = [load(masked.output!.model), load(both.output!.model)];
    const { weights, fields } = await compare(before, after, { parts: ['weights', 'fields'] });
    expect(weights?.different.filter((each) => each.change !== 'added')).toEqual([]);
    expect(fields).toEqual([]);
    const { added, drift } = report.reconstruction!;
    expect(added!.layers.length).toBeGreaterThan(0);
    expect(added!.nodes).toBe(after.graph.nodes.length - before.graph.nodes.length);
    const fresh = [...after.graph.initializers].filter(([value]) => value.name.startsWith('lora/'));
    expect(new Set(fresh.map(([, t]) => t.dtype))).toEqual(new Set([dtype]));
    expect(added!.parameters).toBe(fresh.reduce((sum, [, t]) => sum + t.shape.reduce((a, b) => a * b, 1), 0));
    expect(report.weights.after.total - report.weights.before.total).toBe(added!.parameters);
    expect(pruneText(report, both.output!)).toContain(`${added!.nodes} nodes with `);
    for (const { name: layer, sparsity } of report.layers) {
      expect(sparsity.after, `${name} ${layer}`).toBeCloseTo(0.7, 1);
    }
    expect(layersOf(after).size).toBeGreaterThan(layersOf(before).size);
    for (const { loss, error } of report.reconstruction!.regions) {
      expect(loss.after).toBeLessThanOrEqual(loss.before);
      expect(error!.after).toBeLessThanOrEqual(error!.before * (dtype === 'float16' ? 1.01 : 1.000001));
    }
    expect(drift.length).toBeGreaterThan(0);
  });

  test('later regions see what stands beside earlier ones, and the drift at the end is that of the saved model', async () => {
    const request = bothRequest(plain, 'seen', { reconstruction: reconstruction({ ...lora, regions: 'block' }) });
    const report = await prune(request);
    const same = bothRequest(plain, 'resting', {
      reconstruction: reconstruction({ ...lora, regions: 'block' }, { rate: 1e-12 }),
    });
    const resting = await prune(same);
    const lastOf = ({ reconstruction: found }: typeof report) => found!.regions.at(-1)!;
    expect(lastOf(report).loss.before).toBeLessThan(lastOf(resting).loss.before);
    expect(report.reconstruction!.drift.at(-1)!.drift).toBeCloseTo(lastOf(report).error!.after, 4);
  });

  test('a run that was stopped keeps A and B of finished regions, and ends in the same bytes', async () => {
    const whole = bothRequest(plain, 'whole', { reconstruction: reconstruction(lora) });
    await prune(whole);
    const halted = bothRequest(plain, 'halted', { reconstruction: reconstruction(lora) });
    const stopping = jobContext((event, abort) => {
      if (event.type === 'progress' && event.unit === 'steps' && event.done >= 7) abort();
    });
    await expect(prune(halted, stopping)).rejects.toThrow(/abort/i);
    await prune(halted);
    expect(bytesOf(halted).equals(bytesOf(whole))).toBe(true);
  });

  test('several processes give the bytes of one', async () => {
    const independent = { reconstruction: reconstruction({ ...lora, inputs: 'dense' }) } as const;
    const [one, two] = [bothRequest(plain, 'one', independent), bothRequest(plain, 'two', { ...independent, jobs: 2 })];
    const reports = [await prune(one), await prune(two)];
    expect(bytesOf(two).equals(bytesOf(one))).toBe(true);
    expect(reports[1]?.reconstruction).toEqual(reports[0]?.reconstruction);
  });

  test('reconstruction of a pruned model gives the bytes of one pass', async () => {
    const both = bothRequest(plain, 'both', { reconstruction: reconstruction(lora) });
    await prune(both);
    const { reconstruction: _, ...alone } = bothRequest(plain, 'pruned');
    await prune(alone);
    const after = reconstructRequest(alone.output!.model, plain, 'after', { reconstruction: reconstruction(lora) });
    const report = await reconstruct(after);
    expect(bytesOf(after).equals(bytesOf(both))).toBe(true);
    expect(report.reconstruction!.added!.layers.length).toBeGreaterThan(0);
  });

  const refused: readonly (readonly [string, GptForm, RegExp])[] = [
    [
      'quantised weights',
      { linear: quantizedForms['int8, one scale']!.linear },
      /^lora '.*': its weight is stored as int8 behind a DequantizeLinear; exclude the layer$/,
    ],
    [
      'weights in branches',
      { hasCache: true, isMerged: true },
      /^lora '.*': its weight is used inside a branch or a function, where no nodes are added; exclude the layer, or take mask-lora$/,
    ],
  ];
  test.each(refused)('is refused before anything is run: %s', async (_, form, message) => {
    const request = bothRequest(await tiny(form), 'refused', { reconstruction: reconstruction(lora) });
    await expect(prune(request)).rejects.toThrow(message);
  });
});
