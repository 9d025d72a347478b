/** Pruning with reconstruction, reconstruction of what was pruned before, and retraining. */
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { load } from '../../src/onnx/load.js';
import { readMatrices } from '../../src/ops/matrices.js';
import type { PruneRequest } from '../../src/pipeline/prune/request.js';
import type { ReconstructionRequest, ReconstructRequest } from '../../src/pipeline/reconstruct/request.js';
import type { PruneReport } from '../../src/report/prune-report.js';
import type { GptForm } from '../helpers/tiny-gpt.js';
import { exactForms, quantizedForms } from '../helpers/weight-forms.js';
import { type Exported, layersOf } from './exported.js';
import { jobContext } from './prune-requests.js';
import { bothRequest, prune, reconstruct, reconstruction, reconstructRequest, tiny } from './reconstruct-requests.js';

const bytesOf = ({ output }: PruneRequest | ReconstructRequest): Buffer => readFileSync(output!.model);

/** Stops once so many steps of descent have been made. */
const stoppingAfter = (steps: number) =>
  jobContext((event, abort) => {
    if (event.type === 'progress' && event.unit === 'steps' && event.done >= steps) abort();
  });

const regionsOf = ({ reconstruction: found }: PruneReport) => found?.regions ?? [];

function expectZeros(request: PruneRequest, { layers }: PruneReport): void {
  const after = layersOf(load(request.output!.model));
  for (const { name } of layers) {
    const values = readMatrices(after.get(name)!);
    const zeros = values.filter((value) => Object.is(value, 0)).length;
    expect(zeros / values.length).toBeCloseTo(0.7, 1);
  }
}

let plain: Exported;
beforeAll(async () => {
  plain = await tiny();
});

describe('pruning with reconstruction', () => {
  const kinds: readonly (readonly [string, Partial<ReconstructionRequest>, number])[] = [
    ['halves', {}, 4],
    ['blocks', { regions: 'block' }, 2],
    ['two blocks', { regions: { blocks: 2 } }, 1],
    ['the whole network', { regions: 'whole' }, 1],
    ['matrices', { regions: 'matrix' }, 12],
    ['matrices exactly', { regions: 'matrix', solver: 'least-squares' }, 12],
    ['halves fed by the dense model', { inputs: 'dense' }, 4],
    ['halves that answer as their own dense selves', { targets: 'own' }, 4],
    ['low-rank changes', { trained: 'mask-lora', rank: 4 }, 4],
    ['batches held out', { heldOut: 0.25 }, 4],
  ];
  test.each(kinds)('%s: no region is worse after, and zeros stay', async (name, changes, count) => {
    const request = bothRequest(plain, name, { reconstruction: reconstruction(changes, { batchSize: 2 }) });
    const report = await prune(request);
    const regions = regionsOf(report);
    expect(regions).toHaveLength(count);
    for (const { loss, losses, steps } of regions) {
      expect(loss.after).toBeLessThanOrEqual(loss.before);
      expect(losses).toHaveLength(steps);
    }
    const better = regions.filter(({ error }) => error && error.after < error.before);
    expect(better.length).toBeGreaterThanOrEqual(count / 2);
    expect(report.reconstruction?.drift).toHaveLength(count);
    expect(report.timing.regions).toHaveLength(count);
    expectZeros(request, report);
  });

  const { 'a Constant node': constant, 'Gemm with transB': gemm } = exactForms;
  const forms: readonly (readonly [string, GptForm, number])[] = [
    ['float16', { dtype: 'float16' }, 4],
    ['weights in Constant nodes', { linear: constant! }, 4],
    ['Gemm', { linear: gemm! }, 4],
    ['blocks that share their weights are fitted in the first', { isShared: true }, 2],
    ['a cache', { hasCache: true }, 4],
    ['a merged decoder', { hasCache: true, isMerged: true }, 4],
  ];
  test.each(forms)('%s', async (name, form, count) => {
    const file = await tiny(form);
    const request = bothRequest(file, name.slice(0, 4), { method: 'wanda' });
    const report = await prune(request);
    expect(regionsOf(report)).toHaveLength(count);
    expect(regionsOf(report).some(({ loss }) => loss.after < loss.before)).toBe(true);
    expectZeros(request, report);
  });

  test('quantised weights rest', async () => {
    const file = await tiny({ linear: quantizedForms['int8, one scale']!.linear });
    const report = await prune(bothRequest(file, 'q'));
    for (const { trained } of regionsOf(report)) expect(trained).toBeLessThan(100);
  });

  test.each(['wanda', 'sparsegpt'] as const)(
    '%s: a run that was stopped goes on with the next region, to the same bytes',
    async (method) => {
      const whole = bothRequest(plain, `${method} whole`, { method });
      await prune(whole);
      const halted = bothRequest(plain, `${method} halted`, { method });
      await expect(prune(halted, stoppingAfter(7))).rejects.toThrow(/abort/i);
      expect(existsSync(halted.output!.model)).toBe(false);
      const resumed = jobContext();
      await prune(halted, resumed);
      expect(resumed.said.join()).toContain('resuming the run');
      expect(bytesOf(halted).equals(bytesOf(whole))).toBe(true);
    },
  );

  test('several processes give the bytes of one', async () => {
    const independent = {
      reconstruction: reconstruction({ inputs: 'dense' }),
      method: 'wanda',
      statisticsFrom: 'dense',
    } as const;
    const [one, three] = [
      bothRequest(plain, 'one', independent),
      bothRequest(plain, 'three', { ...independent, jobs: 3 }),
    ];
    const reports = [await prune(one), await prune(three)];
    expect(bytesOf(three).equals(bytesOf(one))).toBe(true);
    expect(reports[1]?.reconstruction).toEqual(reports[0]?.reconstruction);
  });

  test('text that the model says itself', async () => {
    const calibration = { files: ['self'], samples: 4, seqLen: 8, seed: 3 };
    const [first, again] = ['first', 'again'].map((name) => bothRequest(plain, name, { calibration }));
    const report = await prune(first!);
    expect(report.data.calibration).toMatchObject({
      description: '4 windows of 8 tokens sampled from the model itself at temperature 1, seed 3',
      tokens: 32,
    });
    await prune(again!);
    expect(bytesOf(again!).equals(bytesOf(first!))).toBe(true);
  });
});

describe('reconstruction of a pruned model', () => {
  test('gives the bytes that one pass gives, where masks need no data', async () => {
    const both = bothRequest(plain, 'both');
    await prune(both);
    const { reconstruction: _, ...alone } = bothRequest(plain, 'alone');
    await prune(alone);
    const after = reconstructRequest(alone.output!.model, plain, 'after');
    const report = await reconstruct(after);
    expect(bytesOf(after).equals(bytesOf(both))).toBe(true);
    expect(report).toMatchObject({ kind: 'reconstruct', model: { dense: { path: plain.model } } });
    expect(report.selected.after).toEqual(report.selected.before);
  });

  test('is refused where nothing was pruned, and where the dense model is another', async () => {
    const other = await tiny({ linear: exactForms['Gemm with transB']! });
    const refused: readonly (readonly [string, Exported, RegExp])[] = [
      ['same', plain, /expected layers with zeros that .* does not have, found none/],
      ['other', other, /expected the nodes of .*, got others; both must be the same export/],
    ];
    for (const [name, file, message] of refused)
      await expect(reconstruct(reconstructRequest(plain.model, file, name))).rejects.toThrow(message);
  });
});

describe('retraining', () => {
  test('lowers the loss on tokens and goes on after the last epoch, to the same bytes', async () => {
    const retrained = { reconstruction: reconstruction({ retrain: true }) };
    const whole = bothRequest(plain, 'retrained', retrained);
    const report = await prune(whole);
    const [model] = regionsOf(report);
    expect(model!.loss.after).toBeLessThan(model!.loss.before);
    expectZeros(whole, report);
    const halted = bothRequest(plain, 'halted', retrained);
    await expect(prune(halted, stoppingAfter(model!.steps - 1))).rejects.toThrow(/abort/i);
    await prune(halted);
    expect(bytesOf(halted).equals(bytesOf(whole))).toBe(true);
  });
});
