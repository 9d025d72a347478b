/** Runs of explanations from files to files: outputs that the model agrees with, resume, what is plausible, limits. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { openSamples } from '../../src/data/index.js';
import { encode } from '../../src/onnx/encode.js';
import { load } from '../../src/onnx/load.js';
import { run as dryRun } from '../../src/pipeline/dry-run/explain.js';
import type { ExplainRequest } from '../../src/pipeline/explain/request.js';
import { run as grad } from '../../src/pipeline/grad/job.js';
import { workingCopy } from '../../src/pipeline/working-copy.js';
import { explainForm } from '../../src/report/explain-form.js';
import type { ExplainReport } from '../../src/report/explain-report.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { encodeNpy } from '../../src/tensor/npy.js';
import { loadNpz } from '../../src/tensor/npz.js';
import { dataOf, float32, tensor } from '../../src/tensor/tensor.js';
import { graphOf, node, typed } from '../helpers/graphs.js';
import { jobHere } from '../helpers/job-here.js';
import { explain, home, imageRequest, irisRequest, newFolder, plainRequest, priceRequest } from './explain-requests.js';

/** All that two equal runs have in common. */
const lasting = ({ timing: _, reproduce: __, settings, ...report }: ExplainReport) => ({
  ...report,
  settings: { ...settings, batch: 0 },
});

const outputOf = ({ output }: ExplainRequest, name: string): string => join(output!.folder, name);

const tableOf = (request: ExplainRequest, name: string): Record<string, string>[] =>
  parse(readFileSync(outputOf(request, name)), { columns: true });

/** What the model of irises says of the rows of a table. */
async function classesOf(path: string, columns: readonly string[]): Promise<number[]> {
  const { graph } = load(home('models/iris/model.onnx'));
  const copy = workingCopy(graph);
  const samples = await openSamples(copy, [path], { columns });
  return withProgram(copy, { threads: 1 }, async (program) => {
    const [scores] = [...(await program.run(samples.batch(0, samples.count))).values()];
    const all = floatsOf(scores!);
    return Array.from({ length: samples.count }, (_, i) => {
      const row = all.subarray(3 * i, 3 * i + 3);
      return row.indexOf(Math.max(...row));
    });
  });
}

describe('outputs', () => {
  test('of a table: a document of the published form, a page, tables and arrays that the model agrees with', async () => {
    const request = irisRequest(newFolder());
    const report = await explain(request);
    expect(report.found).toBe(30);
    expect(readdirSync(request.output!.folder).sort()).toEqual([
      'changes.csv',
      'counterfactuals.csv',
      'report.html',
      'report.json',
      'scfe.npz',
    ]);
    const written: unknown = JSON.parse(readFileSync(outputOf(request, 'report.json'), 'utf8'));
    expect(written).toEqual(JSON.parse(JSON.stringify(report)));
    expect(explainForm.parse(written)).toEqual(written);
    expect(existsSync(request.output!.run)).toBe(false);

    const rows = tableOf(request, 'counterfactuals.csv');
    expect(rows).toHaveLength(60);
    const said = await classesOf(outputOf(request, 'counterfactuals.csv'), [...report.columns!]);
    rows.forEach((row, i) => {
      expect(`class ${said[i]}`).toBe(row.says);
      expect(row.says === row.wanted).toBe(row.what === 'instead');
    });
    const { instances } = report.methods[0]!;
    const changes = tableOf(request, 'changes.csv');
    expect(changes).toHaveLength(instances.reduce((sum, { figures }) => sum + figures.l0!, 0));
    for (const { now, instead, change, unit } of changes) {
      expect(Number(instead) - Number(now)).toBeCloseTo(Number(change), 4);
      expect(unit).toBe('cm');
    }
    const arrays = loadNpz(outputOf(request, 'scfe.npz'));
    const points = floatsOf(arrays.get('counterfactual')!);
    instances.forEach(({ counterfactuals: [best] }, i) => {
      expect(Array.from(points.subarray(4 * i, 4 * i + 4), (x) => x.toPrecision(6))).toEqual(
        best!.row!.map((x) => Math.fround(x).toPrecision(6)),
      );
    });
  });

  test('of images: a picture a find, and arrays in the shape of the input', async () => {
    const request = imageRequest(newFolder());
    const report = await explain(request);
    expect(report.found).toBeGreaterThan(5);
    expect(readdirSync(outputOf(request, 'pictures/scfe'))).toHaveLength(report.found);
    expect(existsSync(outputOf(request, 'changes.csv'))).toBe(false);
    expect(loadNpz(outputOf(request, 'scfe.npz')).get('counterfactual')!.shape).toEqual([
      report.data.explained,
      3,
      9,
      9,
    ]);
  });

  test('of a regressor: numbers between the ends asked for', async () => {
    const request = priceRequest(newFolder());
    const report = await explain(request);
    expect(report.settings.goal).toBe('above 12');
    const { instances } = report.methods[0]!;
    expect(instances.length).toBeGreaterThan(10);
    for (const { says, counterfactuals, found } of instances) {
      expect(says.value).toBeLessThanOrEqual(12);
      if (found) expect(counterfactuals[0]!.says.value).toBeGreaterThan(12);
    }
    expect(instances.filter(({ found }) => found)).not.toEqual([]);
    expect(instances[0]!.counterfactuals[0]!.sentence).toMatch(
      /^If [ab] were [\d.]+ instead of [\d.]+.*, the model would say 1[\d.]+ instead of [\d.]+\.$/,
    );
  });

  test('several methods: each its part, and the best of them told', async () => {
    const methods = [
      { name: 'scfe', given: { steps: 30, rounds: 5 } },
      { name: 'growing-spheres', given: {} },
    ] as const;
    const report = await explain(irisRequest(newFolder(), { methods, examples: 6 }));
    expect(report.methods.map(({ name }) => name)).toEqual(['scfe', 'growing-spheres']);
    expect(report.data.explained).toBe(6);
  });
});

describe('which instances', () => {
  test('by number, by class as the data call it, and towards a class', async () => {
    const data = { files: [home('calibration/iris-heldout.csv')], label: 'species', classes: ['0', '1', '2'] };
    const named = await explain(
      irisRequest(newFolder(), { data, rows: [0, 12, 25], goal: { kind: 'class', name: '1' } }),
    );
    expect(named.methods[0]!.instances.map(({ sample }) => sample)).toEqual([0, 25]);
    expect(named.data.already).toBe(1);
    const from = await explain(irisRequest(newFolder(), { from: '2', goal: { kind: 'offset', by: 1 } }));
    for (const { says, wanted } of from.methods[0]!.instances) {
      expect(says.class).toBe(2);
      expect(wanted).toBe('class 0');
    }
  });

  test('with a probability that is reached', async () => {
    const report = await explain(irisRequest(newFolder(), { probability: 0.9, rows: [0, 1, 2] }));
    for (const { counterfactuals } of report.methods[0]!.instances)
      expect(counterfactuals[0]!.says.probability).toBeGreaterThanOrEqual(0.9);
  });
});

describe('resume', () => {
  test('a run that was stopped goes on to what it would have been', async () => {
    const whole = await explain(irisRequest(newFolder()));
    const request = irisRequest(newFolder());
    const stop = new AbortController();
    const context = jobHere((event) => {
      if (event.type === 'progress' && event.unit === 'instances' && event.done >= 7) stop.abort();
    }, stop.signal);
    await expect(explain(request, context)).rejects.toThrow();
    expect(existsSync(request.output!.folder)).toBe(false);
    expect(readdirSync(request.output!.run)).toContain('scfe-0.safetensors');
    expect(lasting(await explain(request))).toEqual(lasting(whole));
  });
});

describe('what is explained', () => {
  test('gradients from a file find as much', async () => {
    const folder = newFolder();
    const request = plainRequest(folder, { gradient: join(folder, 'grad.onnx'), rows: [0, 1, 2] });
    await grad(
      {
        model: request.model,
        of: 'logits',
        wrt: ['input'],
        sum: false,
        weightsAsInputs: false,
        output: request.gradient!,
        force: false,
      },
      jobHere(),
    );
    expect((await explain(request)).found).toBe(3);
  });

  test('a mask holds what it covers', async () => {
    const folder = newFolder();
    const mask = join(folder, 'mask.npy');
    const kept = Uint8Array.from({ length: 81 }, (_, p) => Number(p % 9 > 3));
    writeFileSync(mask, encodeNpy(tensor('uint8', [9, 9], kept)));
    const request = imageRequest(folder, { mask });
    const report = await explain(request);
    expect(report.found).toBeGreaterThan(0);
    const arrays = loadNpz(outputOf(request, 'scfe.npz'));
    const [before, after] = ['instance', 'counterfactual'].map((name) => dataOf(arrays.get(name)!)) as [
      Float32Array,
      Float32Array,
    ];
    before.forEach((value, at) => {
      if (at % 9 <= 3) expect(after[at]).toBe(value);
    });
    expect(after).not.toEqual(before);
  });

  test('limits end a search and keep its finds', async () => {
    const report = await explain(irisRequest(newFolder(), { limits: { queries: 20 } }));
    for (const { forwards, found, reason } of report.methods[0]!.instances) {
      expect(forwards).toBeLessThanOrEqual(20);
      if (!found) expect(reason!.kind).toBe('limit');
    }
  });

  test('an immutable world has no counterfactual, and says why', async () => {
    const folder = newFolder();
    const schema = join(folder, 'still.yaml');
    writeFileSync(schema, 'features: []\nothers: immutable\n');
    const report = await explain(irisRequest(folder, { schema, rows: [0] }));
    expect(report.found).toBe(0);
    expect(report.methods[0]!.instances[0]!.reason).toEqual({
      kind: 'nothing may change',
      text: 'nothing of it may change',
    });
  });

  test('a dry run tries every method and writes nothing', async () => {
    const folder = newFolder();
    const found = await dryRun(irisRequest(folder, { densities: join(folder, 'densities') }), jobHere());
    expect(found.problems).toEqual([]);
    expect(found.estimate!.parts.map(({ what }) => what)).toEqual(['prepare', 'scfe: 30 instances']);
    expect(readdirSync(folder)).toEqual([]);
  });
});

test('a row of an array has features by number', async () => {
  const folder = newFolder();
  const [x, w, y] = [typed('x', ['batch', 3]), typed('w', [3, 2]), typed('y', ['batch', 2])];
  const weights = float32([3, 2], Float32Array.of(1, 0, 0, 1, 0, 0));
  const model = join(folder, 'net.onnx');
  writeFileSync(
    model,
    encode(
      graphOf({
        inputs: [x],
        outputs: [y],
        nodes: [node('MatMul', [x, w], [y])],
        initializers: new Map([[w, weights]]),
      }),
    ),
  );
  const data = join(folder, 'x.npy');
  writeFileSync(
    data,
    encodeNpy(
      float32(
        [12, 3],
        Float32Array.from({ length: 36 }, (_, i) => ((i * 7) % 12) / 11),
      ),
    ),
  );
  const report = await explain(plainRequest(folder, { model, data: { files: [data] } }));
  expect(report.columns).toEqual(['feature 0', 'feature 1', 'feature 2']);
  expect(report.found).toBe(report.data.explained);
});
