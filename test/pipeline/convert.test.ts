/** `scalpel convert` from end to end: what it writes, measures and reports, and that failures write nothing. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { metadataOf } from '../../src/convert/weights/entries.js';
import { load } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import type { ConvertReport } from '../../src/report/convert-report.js';
import { saveSafetensors } from '../../src/tensor/safetensors.js';
import { dataOf, float32, type Tensor } from '../../src/tensor/tensor.js';
import { runScalpel } from '../cli/run-scalpel.js';
import { newFolder } from './prune-requests.js';

const folder = newFolder();
const bundled = (path: string): string => new URL(`../../${path}`, import.meta.url).pathname;
const iris = bundled('models/iris/model.onnx');
const irisData = ['--data', bundled('calibration/iris-heldout.csv'), '--label-column', 'species'];
const mnist = bundled('models/mnist-cnn/model.onnx');
const gpt = bundled('models/gpt-sotu/model.onnx');
const cpu = ['--provider', 'cpu', '--quiet'];

let made = 0;
const place = (): string => {
  const path = join(folder, `convert-${made++}`);
  mkdirSync(path);
  return path;
};

/** As the targets write them, one weight as it is. */
async function saveWeight(path: string, name: string, tensor: Tensor): Promise<void> {
  const { dtype, shape } = tensor;
  const metadata = Object.fromEntries(metadataOf([{ name, coding: 'dense', dtype, shape }]));
  await saveSafetensors(path, new Map([[name, tensor]]), metadata);
}

async function convert(
  ...argv: readonly string[]
): Promise<{ exitCode: number; report: ConvertReport; stderr: string }> {
  const { exitCode, stdout, stderr } = await runScalpel(['convert', ...argv, '--json', ...cpu]);
  return { exitCode, report: exitCode === 0 ? JSON.parse(stdout) : undefined, stderr };
}

describe('a conversion', () => {
  test('is measured on data: sizes, outputs, quality, time', async () => {
    const at = place();
    const out = join(at, 'half.onnx');
    const { report, exitCode, stderr } = await convert(iris, '--to', 'float16', ...irisData, '-o', out);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(report).toMatchObject({
      kind: 'convert',
      target: 'float16',
      writes: 'onnx',
      opens: true,
      files: [{ path: out, bytes: statSync(out).size }],
      model: { before: { bytes: statSync(iris).size }, after: { path: out, bytes: statSync(out).size } },
      settings: { options: { store: 'all', io: 'keep', delicate: 'keep', least: 1024 }, seed: 0 },
      quality: { metric: 'top-1 accuracy', unit: 'fraction' },
    });
    expect(report.quality!.after).toBeGreaterThan(0.9);
    const [output] = report.outputs.outputs;
    expect(output!.relative).toBeGreaterThan(0);
    expect(output!.relative).toBeLessThan(5e-3);
    expect(report.tensors.every(({ bytes, error }) => bytes.after === bytes.before / 2 && error!.relative < 1e-3)).toBe(
      true,
    );
    expect(report.timing.latency!.afterMs).toBeGreaterThan(0);
    expect(report.timing.opening!.afterMs).toBeGreaterThan(0);
    expect(JSON.parse(readFileSync(join(`${out}.report`, 'report.json'), 'utf8'))).toEqual(report);
    const page = readFileSync(join(`${out}.report`, 'report.html'), 'utf8');
    expect(page).toContain('model.onnx as float16');
    expect(page).not.toMatch(/undefined|NaN|\[object/);
  });

  test('says what it did to people, and that random numbers are no data', async () => {
    const out = join(place(), 'sub', 'weights.onnx');
    const { stderr, exitCode } = await runScalpel(['convert', mnist, '--to', 'bfloat16', '-o', out, ...cpu]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain(
      'note: outputs were compared on random numbers, which say little of real data: give --data',
    );
    expect(stderr).toMatch(/net\/fc1\.weight\s+float32\s+bfloat16\s+151.kB\s+75\.3.kB\s+0\.1\d.%/);
    expect(stderr).toContain(`written  ${out}`);
  });

  test('that the runtime cannot open is told so, and compared in float32', async () => {
    const out = join(place(), 'all.onnx');
    const { report } = await convert(iris, '--to', 'bfloat16', '--set', 'store=all', ...irisData, '-o', out);
    expect(report).toMatchObject({ opens: false, outputs: { computedIn: 'float32' } });
    expect(report.timing.latency).toBeUndefined();
    expect(report.notes.join('\n')).toMatch(
      /not timed: ONNX Runtime does not open the file written: \w+ '.*': the runtime has no kernel/,
    );
  });

  test('is the same from the same command, and the same to the bit where it is exact', async () => {
    const at = place();
    const [a, b] = [join(at, 'a.onnx'), join(at, 'b.onnx')];
    const first = await convert(mnist, '--to', 'external', '--set', 'layout=split', '-o', a);
    await convert(mnist, '--to', 'float16', '-o', b);
    await convert(mnist, '--to', 'float16', '-o', join(at, 'c.onnx'));
    expect(readFileSync(b).equals(readFileSync(join(at, 'c.onnx')))).toBe(true);
    expect(first.report.outputs.outputs).toEqual([{ name: 'logits', largest: 0, relative: 0 }]);
    expect(first.report.files[0]!.path).toBe(a);
    expect(first.report.files).toHaveLength(4);
    const { report } = await convert(a, '--to', 'external', '--set', 'layout=inside', '-o', join(at, 'd.onnx'));
    expect(report.model.before.bytes).toBeGreaterThan(report.model.after.bytes);
    expect(readFileSync(join(at, 'd.onnx')).equals(readFileSync(mnist))).toBe(true);
  });

  test('of a model with external data leaves no bytes of what it replaced', async () => {
    const at = place();
    const outside = join(at, 'outside.onnx');
    await convert(mnist, '--to', 'external', '--set', 'layout=split', '-o', outside);
    const half = join(at, 'half.onnx');
    const { report } = await convert(outside, '--to', 'float16', '-o', half);
    expect(report.model.after.bytes).toBeLessThan(0.6 * report.model.before.bytes);
    expect(report.files.map(({ path }) => path)).toEqual([half, `${half}.data`]);
    expect(report.notes).toContain('the 3 files of external data became one; --to external splits it');
  });

  test('keeps the zeros of a pruned model, sparse and back', async () => {
    const at = place();
    const model = load(gpt);
    const initializers = [...model.graph.initializers].map(([value, t]) => {
      if (t.dtype !== 'float32' || t.shape.length < 2) return [value, t] as const;
      const values = Float32Array.from(dataOf(t) as Float32Array, (each, i) => (i % 8 === 0 ? each : 0));
      return [value, float32(t.shape, values)] as const;
    });
    const pruned = join(at, 'pruned.onnx');
    await save({ ...model, graph: { ...model.graph, initializers: new Map(initializers) } }, pruned);
    const sparse = join(at, 'sparse.onnx');
    const { report } = await convert(pruned, '--to', 'sparse-initializer', '--max-error', '0', '-o', sparse);
    expect(report.model.after.bytes).toBeLessThan(0.42 * report.model.before.bytes);
    expect(report.opens).toBe(true);
    await convert(sparse, '--to', 'dense', '--max-error', '0', '-o', join(at, 'dense.onnx'));
    expect(statSync(join(at, 'dense.onnx')).size).toBe(statSync(pruned).size);
  });

  test('takes weights of a file', async () => {
    const at = place();
    const bias = [...load(mnist).graph.initializers].find(([{ name }]) => name === 'net/head.bias')![1];
    const moved = Float32Array.from(dataOf(bias) as Float32Array, (value) => value + 1);
    await saveWeight(join(at, 'w.safetensors'), 'net/head.bias', float32([10], moved));
    const out = join(at, 'o.onnx');
    const { report } = await convert(mnist, '--to', 'dense', '--weights', join(at, 'w.safetensors'), '-o', out);
    expect(report.tensors.map(({ name }) => name)).toEqual(['net/head.bias']);
    expect(report.outputs.outputs[0]!.largest).toBeCloseTo(1, 5);
  });
});

describe('a gate that is not passed writes nothing', () => {
  test('--max-error', async () => {
    const at = place();
    const { exitCode, stderr } = await convert(
      iris,
      '--to',
      'float16',
      '--max-error',
      '1e-9',
      '-o',
      join(at, 'o.onnx'),
    );
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(
      /^convert: expected outputs to change by at most 1e-9 of their norm, got 0\.00\d+ for 'logits'; nothing was written: /,
    );
    expect(readdirSync(at)).toEqual([]);
  });

  test('--max-drop', async () => {
    const at = place();
    const weights = join(place(), 'w.safetensors');
    const [name, bias] = [...load(iris).graph.initializers].map(([value, t]) => [value.name, t] as const).at(-1)!;
    const broken = Float32Array.from({ length: bias.shape[0]! }, (_, i) => (i === 0 ? 1e6 : 0));
    await saveWeight(weights, name, float32(bias.shape, broken));
    const asked = ['--to', 'dense', '--weights', weights, ...irisData, '--max-drop', '0.1'];
    const { exitCode, stderr } = await convert(iris, ...asked, '-o', join(at, 'o.onnx'));
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/^convert: expected top1 to get worse by at most 0\.1 of 0\.9\d+, got 0\.3\d*/);
    expect(readdirSync(at)).toEqual([]);
  });
});

test('what exists is not touched without --force, the files beside the model neither', async () => {
  const at = place();
  const out = join(at, 'o.onnx');
  writeFileSync(`${out}.data`, 'mine');
  const refused = await convert(mnist, '--to', 'external', '-o', out);
  expect([refused.exitCode, refused.stderr]).toEqual([
    2,
    `${out}.data: already exists; add --force to replace it, or choose another --output\n`,
  ]);
  expect(readFileSync(`${out}.data`, 'utf8')).toBe('mine');
  expect(existsSync(out)).toBe(false);
  expect((await convert(mnist, '--to', 'external', '-o', out, '--force')).exitCode).toBe(0);
  expect(statSync(`${out}.data`).size).toBeGreaterThan(1e5);
});

test('data of the model itself are never written over', async () => {
  const at = place();
  const model = join(at, 'm.onnx');
  await convert(mnist, '--to', 'external', '-o', model);
  copyFileSync(model, join(at, 'n.onnx'));
  const { exitCode, stderr } = await convert(join(at, 'n.onnx'), '--to', 'external', '-o', model, '--force');
  expect(exitCode).toBe(2);
  expect(stderr).toContain('is a file that the command reads, and is never overwritten');
});
