/** What runs of explanations go by besides the model: references, densities that are kept, models given beside; and several counterfactuals. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { encode } from '../../src/onnx/encode.js';
import type { ExplainReport } from '../../src/report/explain-report.js';
import { graphOf, node, typed } from '../helpers/graphs.js';
import { jobHere } from '../helpers/job-here.js';
import { explain, home, irisRequest, newFolder, plainRequest } from './explain-requests.js';

/** All that two equal runs have in common. */
const lasting = ({ timing: _, reproduce: __, settings, ...report }: ExplainReport) => ({
  ...report,
  settings: { ...settings, batch: 0 },
});

describe('what is plausible', () => {
  test('without a reference the data are it; where they have too few of a class, it is said', async () => {
    const all = await explain(plainRequest(newFolder(), { rows: [0, 1] }));
    expect(all.warnings).toEqual([]);
    expect(all.reference?.samples).toBe(30);
    const few = join(newFolder(), 'few.csv');
    const [head, ...rows] = readFileSync(home('calibration/iris-heldout.csv'), 'utf8').split('\n');
    writeFileSync(few, [head, rows[0], rows[1], rows[28], rows[29]].join('\n'));
    const report = await explain(plainRequest(newFolder(), { data: { files: [few], label: 'species' } }));
    expect(report.warnings).toEqual([
      'nothing is said of plausibility: of class 1 the data have 0 examples, fewer than 5; give others with --reference',
    ]);
    expect([report.found, report.reference, report.methods[0]!.options.plausibility]).toEqual([4, undefined, 'none']);
  });

  test('densities are fitted once', async () => {
    const densities = join(newFolder(), 'densities');
    const first = await explain(irisRequest(newFolder(), { densities, rows: [0, 1] }));
    const files = readdirSync(densities);
    expect(files.filter((name) => name.startsWith('kde-'))).toHaveLength(1);
    const again = await explain(irisRequest(newFolder(), { densities, rows: [0, 1] }));
    expect(lasting(again)).toEqual(lasting(first));
    expect(readdirSync(densities)).toEqual(files);
    writeFileSync(join(densities, files.find((name) => name.startsWith('kde-'))!), 'torn');
    await expect(explain(irisRequest(newFolder(), { densities, rows: [0, 1] }))).rejects.toThrow(/kde-\w+\.npz: /);
  });

  test('an autoencoder is taken by path', async () => {
    const folder = newFolder();
    const autoencoder = writeModel(join(folder, 'ae.onnx'), 'Relu');
    const report = await explain(
      irisRequest(folder, {
        companions: { autoencoder },
        methods: [{ name: 'scfe', given: { plausibility: 'autoencoder', steps: 30, rounds: 5 } }],
        rows: [0, 1],
      }),
    );
    expect([report.found, report.settings.companions]).toEqual([2, { autoencoder }]);
    writeModel(autoencoder, 'Relu', 7);
    await expect(
      explain(
        irisRequest(newFolder(), {
          companions: { autoencoder },
          methods: [{ name: 'scfe', given: { plausibility: 'autoencoder' } }],
        }),
      ),
    ).rejects.toThrow(autoencoder);
  });
});

/** [batch, width] as it is, or without what is below 0. */
function writeModel(path: string, op: 'Identity' | 'Relu', width = 4): string {
  const [x, y] = [typed('x', ['batch', width]), typed('y', ['batch', width])];
  writeFileSync(path, encode(graphOf({ inputs: [x], outputs: [y], nodes: [node(op, [x], [y])] })));
  return path;
}

test('an encoder and a decoder reconstruct too', async () => {
  const folder = newFolder();
  const [encoder, decoder] = ['encoder', 'decoder'].map((name) => writeModel(join(folder, `${name}.onnx`), 'Identity'));
  const methods = [{ name: 'scfe', given: { plausibility: 'autoencoder', steps: 30, rounds: 5 } }] as const;
  const report = await explain(
    irisRequest(folder, { companions: { encoder: encoder!, decoder: decoder! }, methods, rows: [0, 1] }),
  );
  expect(report.found).toBe(2);
});

test('autoencoders of classes give IM1 and IM2', async () => {
  const folder = newFolder();
  const same = writeModel(join(folder, 'same.onnx'), 'Identity');
  const companions = { autoencoder: same, perClass: { '0': same, '1': same, '2': same } };
  const report = await explain(irisRequest(folder, { companions, rows: [0, 1] }));
  for (const { figures } of report.methods[0]!.instances) expect([figures.im1, figures.im2]).toEqual([0, 0]);
  expect(report.settings.companions).toEqual({
    autoencoder: same,
    ...Object.fromEntries([0, 1, 2].map((label) => [`autoencoder of ${label}`, same])),
  });
  const wrong = irisRequest(newFolder(), { companions: { perClass: { rose: same } } });
  await expect(explain(wrong)).rejects.toThrow(/--class-autoencoder: expected .*, got 'rose'/);
});

describe('several of each instance', () => {
  const several = { count: 3, choice: 'determinantal' } as const;

  test('are told after the best one, which stays what it is, and resumed with it', async () => {
    const request = irisRequest(newFolder(), { several });
    const report = await explain(request);
    const alone = await explain(irisRequest(newFolder()));
    const { instances, summary } = report.methods[0]!;
    instances.forEach(({ counterfactuals }, i) => {
      expect(counterfactuals[0]).toEqual(alone.methods[0]!.instances[i]!.counterfactuals[0]);
      for (const { margin } of counterfactuals) expect(margin).toBeLessThan(0);
    });
    const told = instances.reduce((sum, { counterfactuals }) => sum + counterfactuals.length, 0);
    expect(told).toBeGreaterThan(60);
    expect(summary.overValid.told!.mean).toBeCloseTo(told / 30, 9);
    const rows: { what: string }[] = parse(readFileSync(join(request.output!.folder, 'counterfactuals.csv')), {
      columns: true,
    });
    expect(rows.filter(({ what }) => what === 'instead')).toHaveLength(told);

    const again = irisRequest(newFolder(), { several });
    const stop = new AbortController();
    const context = jobHere((event) => {
      if (event.type === 'progress' && event.unit === 'instances' && event.done >= 7) stop.abort();
    }, stop.signal);
    await expect(explain(again, context)).rejects.toThrow();
    expect(lasting(await explain(again))).toEqual(lasting(report));
  });
});
