/** Trainings from files to files: what is written, that evaluation agrees with the report, series of several kinds. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { load } from '../../../src/onnx/load.js';
import { run as dryRun } from '../../../src/pipeline/dry-run/train.js';
import { trainForm } from '../../../src/report/train-form.js';
import { withProgram } from '../../../src/runtime/program.js';
import { dataOf, float32 } from '../../../src/tensor/tensor.js';
import { jobHere } from '../../helpers/job-here.js';
import { shared } from '../../helpers/shared.js';
import {
  cbf,
  cbfRequest,
  expectSameFigures,
  furtherRequest,
  inOutput,
  newFolder,
  short,
  train,
} from './train-requests.js';

describe('outputs', () => {
  test('a document of the published form, a page, and a model that says classes by name', async () => {
    const request = cbfRequest(newFolder());
    const report = await train(request);
    expect(readdirSync(request.output!.folder).sort()).toEqual(['model.onnx', 'report.html', 'report.json']);
    expect(existsSync(request.output!.run)).toBe(false);
    const written: unknown = JSON.parse(readFileSync(inOutput(request, 'report.json'), 'utf8'));
    expect(written).toEqual(JSON.parse(JSON.stringify(report)));
    expect(trainForm.parse(written)).toEqual(written);

    const { graph, metadata } = load(inOutput(request, 'model.onnx'));
    expect(graph.outputs.map(({ name }) => name)).toEqual(['logits', 'probabilities']);
    expect(metadata.get('classes')).toBe('["1","2","3"]');
    expect(metadata.get('standardise')).toBe('{"kind":"none"}');
    expect([metadata.get('algorithm'), metadata.get('labels')]).toEqual(['supervised', '24']);
    const x = float32(
      [2, 1, 128],
      Float32Array.from({ length: 256 }, (_, i) => Math.sin(i / 9)),
    );
    await withProgram(graph, { threads: 1 }, async (program) => {
      const [logits, probabilities] = program.outputs;
      const said = await program.run(new Map([[program.inputs[0]!, x]]));
      const p = dataOf(said.get(probabilities!)!) as Float32Array;
      const z = dataOf(said.get(logits!)!) as Float32Array;
      expect(p[0]! + p[1]! + p[2]!).toBeCloseTo(1, 6);
      expect(Math.log(p[0]! / p[1]!)).toBeCloseTo(z[0]! - z[1]!, 4);
    });
  });

  test.each(['z:training', 'z', 'min-max:training', 'min-max'])(
    'standardisation %s is inside: raw series give the figures of the report',
    async (words) => {
      const [kind, over = 'each'] = words.split(':') as ['z' | 'min-max', 'training' | undefined];
      const request = cbfRequest(newFolder(), { data: { ...cbf, standardise: { kind, over } } });
      const report = await train(request);
      await expectSameFigures(request, report, cbf.test[0]);
      const told = JSON.parse(load(inOutput(request, 'model.onnx')).metadata.get('standardise')!);
      expect(told.kind).toBe(kind);
      expect(Array.isArray(told.over)).toBe(over === 'training');
    },
  );

  test('all models where asked, baselines, and a budget for each number of labels', async () => {
    const request = cbfRequest(newFolder(), {
      draws: { budgets: [6, 12], seeds: [0, 5], validation: 30, test: 60 },
      training: { ...short, steps: 4 },
      baselines: ['random-forest', 'label-propagation'],
      savesAll: true,
    });
    const report = await train(request);
    const names = ['labels-12-seed-0', 'labels-12-seed-5', 'labels-6-seed-0', 'labels-6-seed-5'];
    expect(readdirSync(inOutput(request, 'models'))).toEqual(names.map((name) => `${name}.onnx`));
    expect(report.cells.map(({ labels, seed }) => [labels, seed])).toEqual([
      [6, 0],
      [6, 5],
      [12, 0],
      [12, 5],
    ]);
    const { seed } = report.chosen!;
    expect(readFileSync(inOutput(request, 'model.onnx'))).toEqual(
      readFileSync(inOutput(request, `models/labels-12-seed-${seed}.onnx`)),
    );
    expect(report.cells.find((cell) => cell.labels === 12 && cell.seed === seed)!.model!.path).toMatch(
      /out\/model\.onnx$/,
    );
    expect(report.budgets.map(({ labels }) => labels)).toEqual([6, 12]);
    expect(report.baselines!.map(({ name, labels }) => `${name} ${labels}`)).toEqual(
      ['random-forest', 'label-propagation'].flatMap((name) => [6, 6, 12, 12].map((labels) => `${name} ${labels}`)),
    );
    for (const { test: figures } of report.baselines!) expect(figures.series).toBe(60);
  });

  test('a search tells rungs apart that end before weights are chosen', async () => {
    const training = { ...short, steps: 9, every: 3, chooseFrom: 1 };
    const { search, cells } = await train(cbfRequest(newFolder(), { search: { trials: 3 }, training }));
    expect(search!.trials.map(({ validationAuc }) => validationAuc)).not.toContain(undefined);
    expect(search!.trials.map(({ steps }) => steps)).toContain(1);
    expect(cells[0]!.bestStep).toBe(9);
  });

  test('a dry run tells the time of every part and writes nothing', async () => {
    const folder = newFolder();
    const request = cbfRequest(folder, {
      draws: { budgets: [6, 12], seeds: [0] },
      baselines: ['random-forest'],
      search: { trials: 3 },
      training: { ...short, epochs: 4 },
    });
    const found = await dryRun(request, jobHere());
    expect(found.problems).toEqual([]);
    expect(found.estimate!.parts.map(({ what }) => what)).toEqual([
      'prepare',
      'search: 3 trials',
      'supervised: 2 trainings of at most 6 steps',
      'random-forest: 2 fits',
      'save',
    ]);
    expect(found.data.map(({ role, count }) => [role, count])).toEqual([
      ['training', 600],
      ['test', 240],
    ]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a dry run notes what would end the run', async () => {
    const { output: _, ...request } = cbfRequest(newFolder(), {
      algorithm: 'vat',
      draws: { budgets: ['all'], seeds: [0] },
    });
    const found = await dryRun(request, jobHere());
    expect([found.exitCode, found.problems[0]!.message]).toEqual([
      2,
      expect.stringContaining('expected unlabelled series, which vat needs'),
    ]);
  });
});

describe('series of other kinds', () => {
  const archive = shared('data/ts-format');
  const ts = (name: string): string => join(archive!, name);

  test.skipIf(!archive)('of six channels', async () => {
    const data = {
      ...{ training: [ts('BasicMotions_TRAIN.ts')], test: [ts('BasicMotions_TEST.ts')] },
      standardise: { kind: 'z', over: 'training' },
    } as const;
    const request = cbfRequest(newFolder(), { data, draws: { budgets: [12], seeds: [0] } });
    const report = await train(request);
    expect(report.data).toMatchObject({ channels: 6, length: 100 });
    await expectSameFigures(request, report, ts('BasicMotions_TEST.ts'));
  });

  test.skipIf(!archive).each([undefined, { kind: 'z', over: 'each' }, { kind: 'z', over: 'training' }] as const)(
    'of unequal length, with a mask; standardise %o',
    async (standardise) => {
      const data = {
        ...{ training: [ts('JapaneseVowels_TRAIN.ts')], test: [ts('JapaneseVowels_TEST.ts')], cutSeries: true },
        ...(standardise && { standardise }),
      };
      const request = cbfRequest(newFolder(), { data, draws: { budgets: [45], seeds: [0] }, algorithm: 'mixmatch' });
      const report = await train(request);
      expect(report.data.unequal).toEqual({ shortest: 7, longest: 26 });
      expect(load(inOutput(request, 'model.onnx')).graph.inputs.map(({ name }) => name)).toEqual(['input', 'mask']);
      await expectSameFigures(request, report, ts('JapaneseVowels_TEST.ts'), ['--cut-series']);
    },
  );

  test.skipIf(!archive)('of unequal length, on a model without a mask: what fills them up counts', async () => {
    const equal = { training: [ts('JapaneseVowels_eq_TRAIN.ts')] };
    const first = cbfRequest(newFolder(), { data: equal, draws: { budgets: [45], seeds: [0] } });
    await train(first);
    const data = {
      ...{ training: [ts('JapaneseVowels_TRAIN.ts')], test: [ts('JapaneseVowels_TEST.ts')], cutSeries: true },
      standardise: { kind: 'z', over: 'each' },
    } as const;
    const request = furtherRequest(newFolder(), inOutput(first, 'model.onnx'), {
      data,
      draws: { budgets: [45], seeds: [0] },
    });
    const report = await train(request);
    expect(report.model.notes).toContainEqual(expect.stringContaining('no input `mask`'));
    await expectSameFigures(request, report, ts('JapaneseVowels_TEST.ts'), ['--cut-series']);
  });
});
