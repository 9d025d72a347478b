/** bench: what is measured is there and fits together; how long anything took is never asserted. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { benchText } from '../../src/cli/bench-text.js';
import { feeds } from '../../src/ir/graph.js';
import { attrs } from '../../src/ir/node.js';
import type { Dimension, Graph, Value } from '../../src/ir/types.js';
import { encode } from '../../src/onnx/encode.js';
import { load, loadBytes } from '../../src/onnx/load.js';
import { Builder } from '../../src/ops/builder.js';
import { benchModels } from '../../src/pipeline/bench/bench-models.js';
import { run } from '../../src/pipeline/bench/job.js';
import { randomInputs } from '../../src/pipeline/bench/random-inputs.js';
import type { BenchRequest } from '../../src/pipeline/bench/request.js';
import { sharedInputs } from '../../src/pipeline/bench/shared-inputs.js';
import type { BenchReport } from '../../src/report/bench-report.js';
import type { DataType } from '../../src/tensor/dtype.js';
import { encodeNpz } from '../../src/tensor/npz.js';
import { float32 } from '../../src/tensor/tensor.js';
import { jobHere } from '../helpers/job-here.js';

const gpt = fileURLToPath(new URL('../../models/gpt-sotu/model.onnx', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'scalpel-bench-test-'));
const file = (name: string): string => join(folder, name);

interface Shape {
  readonly input?: string;
  readonly batch?: Dimension;
  readonly columns?: number;
  readonly dtype?: DataType;
  readonly outputs?: number;
  /** Of all weights. */
  readonly weight?: number;
}

/** x [batch, columns] cast to float32 and multiplied with a weight [columns, outputs]. */
function network({
  input = 'x',
  batch = 'batch',
  columns = 4,
  dtype = 'float32',
  outputs = 3,
  weight = 1,
}: Shape): Graph {
  const g = new Builder();
  const x: Value = { name: input, type: { dtype, shape: [batch, columns] } };
  const w = g.floats(new Float32Array(columns * outputs).fill(weight), [columns, outputs]);
  const y: Value = { name: 'y', type: { dtype: 'float32', shape: [batch, outputs] } };
  const product = g.matmul(g.op('Cast', [x], attrs({ to: 1 })), w);
  g.nodes.push({ name: 'last', op: 'Identity', domain: '', inputs: [product], outputs: [y], attrs: {} });
  return {
    ...{ name: 'net', inputs: [x], outputs: [y], nodes: g.nodes, initializers: g.initializers },
    ...{ opsets: new Map([['', 17]]), functions: [] },
  };
}

const written = (name: string, shape: Shape): string => {
  writeFileSync(file(name), encode(network(shape)));
  return file(name);
};

let [net, same, half, four, other]: string[] = [];

beforeAll(() => {
  net = written('net.onnx', {});
  same = written('same.onnx', {});
  half = written('half.onnx', { weight: 0.5 });
  four = written('four.onnx', { batch: 4 });
  other = written('other.onnx', { outputs: 5 });
  const x = float32(
    [6, 4],
    Float32Array.from({ length: 24 }, (_, i) => i + 1),
  );
  writeFileSync(file('x.npz'), encodeNpz(new Map([['x', x]])));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const request = (models: readonly (string | undefined)[], change: Partial<BenchRequest> = {}): BenchRequest => ({
  models: models as string[],
  engine: { provider: 'cpu', threads: 1 },
  ...{ runs: 8, seconds: 600, warmUp: 1, loads: 2, isolate: false, seed: 0 },
  commandLine: ['scalpel', 'bench'],
  ...change,
});

const bench = (models: readonly (string | undefined)[], change: Partial<BenchRequest> = {}): Promise<BenchReport> =>
  run(request(models, change), jobHere());

describe('a bench', () => {
  test('has all figures of every model, as plain JSON', async () => {
    const report = await bench([net, half, same]);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(report).toMatchObject({
      schemaVersion: 1,
      kind: 'bench',
      settings: { batch: 1, provider: 'cpu', threads: 1 },
    });
    expect(report.models.map((model) => Object.keys(model).sort())).toEqual([
      ['file', 'isGzipEstimated', 'latency', 'load', 'memory', 'roundMilliseconds'],
      ...[1, 2].map(() => [
        ...['file', 'isGzipEstimated', 'latency', 'load', 'memory', 'outputs', 'ratio', 'roundMilliseconds'],
      ]),
    ]);
    for (const { latency, roundMilliseconds, load: loaded, memory, file: facts } of report.models) {
      expect(latency).toMatchObject({ rounds: 8, runs: 8, batch: 1 });
      expect(roundMilliseconds).toHaveLength(8);
      expect(latency.intervalMilliseconds).toHaveLength(2);
      expect(loaded!.loads).toBe(2);
      expect(loaded!.leastMilliseconds).toBeLessThanOrEqual(loaded!.mostMilliseconds);
      expect(memory!.leastBytes).toBeLessThanOrEqual(memory!.mostBytes);
      expect(memory!.baselineBytes).toBeGreaterThan(0);
      expect(facts.bytes).toBe(readFileSync(facts.path).length);
    }
    for (const { ratio } of report.models.slice(1)) expect(ratio!.interval![0]).toBeLessThanOrEqual(ratio!.median);
  });

  test('tells how far outputs are from those of the first model', async () => {
    const { models, warnings } = await bench([net, half, same, other], { loads: 0 });
    const [, apart, equal, none] = models.map(({ outputs }) => outputs);
    expect(apart!.outputs).toMatchObject([{ name: 'y', relative: expect.closeTo(0.5, 6) }]);
    expect(equal!.outputs).toEqual([{ name: 'y', relative: 0, maxAbsolute: 0 }]);
    expect(none).toMatchObject({ outputs: [], failure: expect.stringContaining('y') });
    expect(warnings).toContainEqual(expect.stringContaining('other.onnx: other outputs than the first model'));
  });

  test('without fresh loads has neither load time nor memory', async () => {
    const { models } = await bench([net, same], { loads: 0 });
    for (const model of models) expect([model.load, model.memory]).toEqual([undefined, undefined]);
  });

  test('of one model has no ratio, and its own name', async () => {
    const report = await bench([net], { loads: 0 });
    expect(report.models[0]!.ratio).toBeUndefined();
    expect(benchText(report)).toMatch(
      /^net\.onnx takes \S+ ms a run, the median of 8 rounds, at batch 1 on 1 thread of cpu\.$/m,
    );
  });

  test('takes as many samples of the data as are asked for', async () => {
    const data = { files: [file('x.npz')] };
    const report = await bench([net, half], { data, loads: 0, engine: { provider: 'cpu', batch: 3, threads: 1 } });
    expect(report.settings.batch).toBe(3);
    expect(report.data).toMatchObject({ isRandom: false, files: [{ path: file('x.npz') }] });
    expect(report.models[1]!.outputs!.samples).toBe(6);
  });

  test('says that inputs were random', async () => {
    const report = await bench([net], { loads: 0, seed: 3 });
    expect(report.data).toMatchObject({ isRandom: true, description: 'random numbers, seed 3' });
    expect(report.warnings.at(-1)).toMatch(/^inputs were random numbers/);
  });

  test('feeds all models what one of them fixes', async () => {
    const { settings } = await bench([net, four], { loads: 1 });
    expect(settings.batch).toBe(4);
  });

  test('with fresh processes has a load and several runs a round', async () => {
    const report = await bench([net, half], { isolate: true, runs: 2, seconds: 0.01 });
    for (const { latency, load: loaded, roundMilliseconds } of report.models) {
      expect(latency.rounds).toBe(2);
      expect(latency.runs).toBeGreaterThanOrEqual(2);
      expect(roundMilliseconds).toHaveLength(2);
      expect(loaded!.loads).toBe(2);
    }
    expect(report.settings).toMatchObject({ isolate: true, loads: 0 });
    expect(report.warnings).toContainEqual(
      '2 rounds are too few for intervals at 95 %, which need 6; raise --runs and --seconds',
    );
  });

  test('writes a document and a page, and never over what is there', async () => {
    const output = { folder: file('out'), force: false };
    const report = await bench([net, half], { output, loads: 0 });
    expect(JSON.parse(readFileSync(join(output.folder, 'report.json'), 'utf8'))).toEqual(report);
    expect(readFileSync(join(output.folder, 'report.html'), 'utf8')).toContain('half.onnx beside net.onnx');
    await expect(bench([net], { output })).rejects.toThrow('report.json: already exists; add --force to replace it');
    await bench([net], { output: { ...output, force: true }, loads: 0 });
  });
});

describe('models that cannot be benched', () => {
  const cases: readonly [string, () => string, string][] = [
    ['another name', () => written('name.onnx', { input: 'z' }), "'z' float32[batch, 4]"],
    ['another type', () => written('type.onnx', { dtype: 'int64' }), "'x' int64[batch, 4]"],
    ['another size', () => written('size.onnx', { columns: 5 }), "'x' float32[batch, 5]"],
  ];

  test.each(cases)('an input of %s', async (_, make, got) => {
    const path = make();
    await expect(bench([net, path])).rejects.toThrow(
      `${path}: expected the inputs of ${net}, 'x' float32[batch, 4], got ${got}; name models that take the same inputs`,
    );
  });

  test('two batches that are both fixed', async () => {
    const path = written('two.onnx', { batch: 2 });
    await expect(bench([net, four, path])).rejects.toThrow(`${path}: expected the inputs of ${net}`);
  });

  test('no file, no model', async () => {
    await expect(bench([file('nothing.onnx')])).rejects.toThrow('nothing.onnx: no such file; check the path');
    await expect(bench([file('x.npz')])).rejects.toThrow('the file is damaged or no ONNX model');
  });

  test('models that do not fit together', async () => {
    await expect(bench([net, half], { engine: { provider: 'cpu', memory: 1 } })).rejects.toThrow(
      'bench: the models together would take 0.0 GB, more than the 0.0 GB planned with; add --isolate, or raise --memory',
    );
  });
});

describe('inputs that models share', () => {
  const model = (shape: Shape) => loadBytes(encode(network(shape)));

  test('have every size that one of them fixes', () => {
    const copy = sharedInputs([model({}), model({ batch: 4 }), model({ batch: null })]);
    expect(feeds(copy).map(({ type }) => type?.shape)).toEqual([[4, 4]]);
    expect(copy.nodes[0]!.inputs[0]).toBe(copy.inputs[0]);
  });

  test('floats of another width are fed converted', async () => {
    const path = written('float16.onnx', { dtype: 'float16' });
    const report = await bench([net, path], { loads: 1 });
    expect(report.models[1]!.outputs!.outputs[0]!.relative).toBeLessThan(0.01);
  });

  test('of language models are token ids of the length asked for, or of 128', async () => {
    const copy = sharedInputs([load(gpt)]);
    const shapeOf = async (size: { batch: number; seqLen?: number }) => {
      const samples = await randomInputs(copy, { ...size, seed: 0 });
      return [...samples.batch(0, samples.count).values()].map(({ shape }) => shape);
    };
    expect(await shapeOf({ batch: 2 })).toEqual([[2, 128]]);
    expect(await shapeOf({ batch: 3, seqLen: 16 })).toEqual([[3, 16]]);
  });
});

test('benchModels gives the figures of each path in order', async () => {
  const samples = await randomInputs(sharedInputs([load(net!)]), { batch: 2, seed: 0 });
  const told: number[] = [];
  const figures = await benchModels([net!, half!], samples, {
    runs: 6,
    threads: 1,
    onRound: (done) => told.push(done),
  });
  expect(figures.map(({ path, latency }) => [path, latency.rounds, latency.batch])).toEqual([
    [net, 6, 2],
    [half, 6, 2],
  ]);
  expect(figures.map(({ ratio }) => ratio !== undefined)).toEqual([false, true]);
  expect(figures.map(({ sizes }) => sizes.bytes)).toEqual([net, half].map((path) => readFileSync(path!).length));
  expect(told.at(-1)).toBe(6);
  await expect(benchModels([net!, gpt], samples, {})).rejects.toThrow('name models that take the same inputs');
});
