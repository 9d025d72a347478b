/** `scalpel shrink` as a job: on the bundled networks, whatever decides and whatever goes. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { shrinkText } from '../../src/cli/shrink-text.js';
import type { Kind } from '../../src/groups/kinds.js';
import { load } from '../../src/onnx/load.js';
import { openModel } from '../../src/pipeline/open-model.js';
import { reconstructionDefaults } from '../../src/pipeline/reconstruct/request.js';
import { run } from '../../src/pipeline/shrink/job.js';
import { type UnitsRequest, usualUnits } from '../../src/pipeline/shrink/request.js';
import { setShrinkScene } from '../../src/pipeline/shrink/scene.js';
import { type UnitCriterionName, unitCriteria } from '../../src/prune/units/index.js';
import type { ShrinkReport } from '../../src/report/shrink-report.js';
import { shared } from '../helpers/shared.js';
import { gpt, jobContext, newFolder, outputIn, sotu } from './prune-requests.js';

const bundled = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const cbf = bundled('models/cbf-fcn/model.onnx');
const resnet = shared('models/resnet20-cifar10/resnet20_cifar10.onnx');
const series = { files: [bundled('calibration/cbf-train.tsv')], samples: 64, seed: 0 };

type Request = UnitsRequest & { readonly output: NonNullable<UnitsRequest['output']> };

const request = (changes: Partial<UnitsRequest> = {}): Request => ({
  model: cbf,
  layers: { include: [], exclude: [] },
  takes: 'units',
  units: usualUnits,
  criterion: 'magnitude',
  amount: { kind: 'sparsity', sparsity: 0.5 },
  allocation: 'uniform',
  multiple: 8,
  least: 0.1,
  compensate: false,
  calibration: series,
  evaluation: { ...series, metric: 'auto' },
  engine: { provider: 'cpu', threads: 2 },
  seed: 0,
  commandLine: ['scalpel', 'shrink'],
  ...changes,
  output: outputIn(newFolder()),
});

const parameters = (path: string): number =>
  [...load(path).graph.initializers.values()]
    .filter(({ dtype }) => dtype === 'float32')
    .reduce((sum, { shape }) => sum + shape.reduce((count, size) => count * size, 1), 0);

const shrink = (asked: Request, context = jobContext()): Promise<ShrinkReport> => run(asked, context);

describe('criteria', () => {
  test.each(Object.keys(unitCriteria) as UnitCriterionName[])('%s', async (criterion) => {
    const asked = request({ criterion });
    const report = await shrink(asked);
    expect(report.groups.map(({ kind, left }) => [kind, left])).toEqual(
      report.groups.map(({ units }) => ['channels', units / 2]),
    );
    expect(report.parameters.after).toBe(parameters(asked.output.model));
    expect(report.parameters.after / report.parameters.before).toBeLessThan(0.35);
    expect(report.proof.apart).toBeLessThan(1e-4);
    expect(readdirSync(dirname(asked.output.model)).sort()).toEqual(['pruned.onnx', 'report']);
  });
});

test('groups and what is left alone are told by weight and by node', async () => {
  const asked = request({ layers: { include: [], exclude: ['conv3.weight'] } });
  const report = await shrink(asked);
  expect(report.groups.map(({ name, node }) => [name, node])).toEqual([['conv1.weight', 'net/Conv']]);
  expect(report.left[0]).toMatchObject({ name: 'conv3.weight', node: 'net/Conv_3', reason: 'not asked for: channels' });
  const text = shrinkText(report, asked.output);
  const page = readFileSync(`${asked.output.report}/report.html`, 'utf8');
  for (const said of [text, page]) expect(said).toMatch(/conv1\.weight.*net\/Conv\b/);
  expect(page).toContain('net/Conv_3');
});

describe.runIf(resnet)('ResNet-20', () => {
  const setScene = (units: readonly Kind[]) =>
    setShrinkScene(openModel(resnet!), { units, layers: { include: [], exclude: [] } }, 'ResNet-20');

  test('channels inside blocks go unless others are asked for, and layers outside say what they hold', async () => {
    const { groups, left } = await setScene(usualUnits);
    expect(new Set(groups.map(({ kind }) => kind))).toEqual(new Set(['channels']));
    expect(groups).toHaveLength(9);
    const first = left.find(({ node }) => node === '/conv1/Conv');
    expect(first?.reason).toBe('not asked for: stream-channels');
  });

  test('channels of streams go from all blocks of a stage', async () => {
    const { groups } = await setScene(['stream-channels']);
    expect(groups.map(({ group, holdings }) => [group.units.size, holdings.makes.length])).toEqual([
      [16, 10],
      [8, 6],
      [8, 6],
      [16, 3],
      [16, 3],
    ]);
  });
});

test('heads and neurons of a language model go, and means of what they gave stay in biases', async () => {
  const asked = { model: gpt, criterion: 'flap-wifv', allocation: 'global', calibration: sotu } as const;
  const evaluation = { ...sotu, metric: 'auto' as const };
  const amount = { kind: 'sparsity', sparsity: 0.3 } as const;
  const [plain, compensated] = [
    await shrink(request({ ...asked, amount, evaluation })),
    await shrink(request({ ...asked, amount, evaluation, compensate: true })),
  ];
  expect(new Set(plain.groups.map(({ kind }) => kind))).toEqual(new Set(['heads', 'neurons']));
  expect(plain.settings.compensated).toEqual([]);
  expect(compensated.settings.compensated.length).toBeGreaterThan(0);
  expect(compensated.groups.map(({ left }) => left)).toEqual(plain.groups.map(({ left }) => left));
  expect(compensated.quality!.after).not.toBe(plain.quality!.after);
  expect(compensated.proof.apart).toBeLessThan(1e-4);
});

test('the width of a residual stream goes, and the whole is trained again', async () => {
  const asked = { model: gpt, units: ['width'], criterion: 'wanda-sp', calibration: sotu } as const;
  const evaluation = { ...sotu, metric: 'auto' as const };
  const amount = { kind: 'sparsity', sparsity: 0.25 } as const;
  const retraining = { ...reconstructionDefaults, retrain: true };
  const bare = await shrink(request({ ...asked, amount, evaluation }));
  const trained = await shrink(request({ ...asked, amount, evaluation, reconstruction: retraining }));
  expect(bare.groups.map(({ kind, units, left }) => [kind, units, left])).toEqual([['width', 192, 144]]);
  expect(trained.quality!.after).toBeLessThan(bare.quality!.after);
  const byRegions = request({ ...asked, amount, evaluation, reconstruction: reconstructionDefaults });
  await expect(shrink(byRegions)).rejects.toThrow(/--retrain/);
});

test('what is left is fitted again', async () => {
  const [bare, fitted] = [
    await shrink(request()),
    await shrink(request({ reconstruction: { ...reconstructionDefaults, regions: 'whole' } })),
  ];
  expect(fitted.groups).toEqual(bare.groups);
  expect(fitted.quality!.after).toBeGreaterThan(bare.quality!.after);
  expect(fitted.reconstruction!.regions.length).toBeGreaterThan(0);
});

describe('targets', () => {
  test.each([
    ['parameters', 0.5],
    ['flops', 0.6],
    ['bytes', 0.7],
  ] as const)('%s', async (of, fraction) => {
    const report = await shrink(request({ amount: { kind: 'target', of, fraction } }));
    const { before, after } = {
      parameters: report.parameters,
      flops: report.multiplications,
      bytes: { before: report.model.before.bytes, after: report.model.after.bytes },
    }[of];
    // a few bytes of shapes beside the weights
    expect(after / before).toBeLessThanOrEqual(fraction + (of === 'bytes' ? 0.005 : 0));
    expect(after / before).toBeGreaterThan(fraction - 0.25);
  });

  test('latency is measured, and one out of reach writes nothing', async () => {
    const asked = request({ amount: { kind: 'target', of: 'latency', fraction: 1e-9 } });
    await expect(shrink(asked)).rejects.toMatchObject({ exitCode: 4 });
    expect(existsSync(asked.output.model)).toBe(false);
    expect(existsSync(asked.output.report)).toBe(false);
  });
});

test('a run that was stopped goes on to the same bytes', async () => {
  const reconstruction = { ...reconstructionDefaults, regions: 'half' as const };
  const changes = { criterion: 'flap-wifv', compensate: true, reconstruction } as const;
  const whole = request(changes);
  await shrink(whole);
  const halted = request(changes);
  const stopping = jobContext((event, abort) => {
    if (event.type === 'progress' && event.stage === 'reconstruct' && event.done > 0) abort();
  });
  await expect(shrink(halted, stopping)).rejects.toThrow();
  expect(existsSync(halted.output.model)).toBe(false);
  await shrink(halted);
  expect(readFileSync(halted.output.model).equals(readFileSync(whole.output.model))).toBe(true);
  rmSync(dirname(whole.output.model), { recursive: true });
});

test('nothing goes where nothing fits', async () => {
  await expect(shrink(request({ amount: { kind: 'sparsity', sparsity: 0.01 } }))).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringMatching(/multiples of 8/),
  });
  await expect(shrink(request({ units: ['heads'] }))).rejects.toMatchObject({ exitCode: 3 });
  await expect(shrink(request({ maxDrop: 0, amount: { kind: 'sparsity', sparsity: 0.8 } }))).rejects.toMatchObject({
    exitCode: 4,
  });
});
