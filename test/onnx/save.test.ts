import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onnx } from 'onnx-proto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Model } from '../../src/ir/types.js';
import { load, loadBytes } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { dataOf, float32, type Tensor } from '../../src/tensor/tensor.js';
import { sharedModels, temporaryFolder } from '../helpers/onnx-files.js';
import { encodeModel, everything } from '../helpers/onnx-models.js';
import { differences } from '../helpers/wire.js';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => rmSync(folder, { recursive: true }));

const pathOf = (name: string): string => join(folder, name);

/** A model of one 256 KiB tensor: too large to be held in memory by the loader. */
function large(): string {
  const data = Float32Array.from({ length: 65536 }, (_, i) => i);
  const rawData = new Uint8Array(data.buffer);
  writeFileSync(
    pathOf('large.onnx'),
    encodeModel({ irVersion: 9n, graph: { initializer: [{ name: 'w', dims: [65536n], dataType: 1, rawData }] } }),
  );
  return pathOf('large.onnx');
}

const withTensors = (model: Model, edit: (tensor: Tensor) => Tensor): Model => ({
  ...model,
  graph: { ...model.graph, initializers: new Map([...model.graph.initializers].map(([v, t]) => [v, edit(t)])) },
});
const doubled = (t: Tensor): Tensor =>
  float32(
    t.shape,
    (dataOf(t) as Float32Array).map((x) => 2 * x),
  );
const only = (model: Model): Tensor => [...model.graph.initializers.values()][0]!;

describe('save', () => {
  test('replaces nothing unless told to', async () => {
    writeFileSync(pathOf('there.onnx'), 'precious');
    const model = loadBytes(everything());
    await expect(save(model, pathOf('there.onnx'))).rejects.toThrow(
      'there.onnx: the file exists; pass --force to replace it',
    );
    expect(readFileSync(pathOf('there.onnx'), 'utf8')).toBe('precious');
    await save(model, pathOf('there.onnx'), { force: true });
    expect(new Uint8Array(readFileSync(pathOf('there.onnx')))).toEqual(everything());
  });

  test('can replace the very file it reads; the old model stays readable', async () => {
    const path = large();
    const model = load(path);
    expect(only(model).payload.file?.path).toBe(path);
    await save(withTensors(model, doubled), path, { force: true });
    expect((dataOf(only(load(path))) as Float32Array)[3]).toBe(6);
    expect((dataOf(only(model)) as Float32Array)[3]).toBe(3);
    // the path now leads to other bytes
    expect(only(model).payload.file).toBeUndefined();
    await save(model, pathOf('old.onnx'));
    expect((dataOf(only(load(pathOf('old.onnx')))) as Float32Array)[3]).toBe(3);
  });

  test('refuses a source that was written to', async () => {
    const path = large();
    const model = load(path);
    writeFileSync(path, 'short');
    await expect(save(model, pathOf('out.onnx'))).rejects.toThrow(
      'large.onnx: the file was written to since it was loaded; load it again',
    );
    expect(() => only(model).payload.read()).toThrow('the file was cut short');
    expect(readdirSync(folder)).toEqual(['large.onnx']);
  });

  test('of a read-only file gives one that can be written', async () => {
    const path = large();
    chmodSync(path, 0o444);
    await save(load(path), pathOf('out.onnx'));
    expect(statSync(pathOf('out.onnx')).mode & 0o200).toBe(0o200);
  });

  test('leaves nothing behind when it fails', async () => {
    const broken = withTensors(load(large()), (t) => ({
      ...t,
      payload: {
        byteLength: t.payload.byteLength,
        read: () => {
          throw new Error('no such bytes');
        },
      },
    }));
    await expect(save(broken, pathOf('out.onnx'))).rejects.toThrow('no such bytes');
    expect(readdirSync(folder)).toEqual(['large.onnx']);
    await expect(save(load(pathOf('large.onnx')), pathOf('none/out.onnx'))).rejects.toThrow(
      /out.onnx: cannot be written \(ENOENT/,
    );
    await expect(save(load(pathOf('large.onnx')), folder, { force: true })).rejects.toThrow('cannot be written');
    expect(readdirSync(folder)).toEqual(['large.onnx']);
  });

  test.skipIf(process.getuid?.() === 0)('says when a folder does not take files', async () => {
    const model = load(large());
    mkdirSync(pathOf('closed'));
    chmodSync(pathOf('closed'), 0o500);
    await expect(save(model, pathOf('closed/out.onnx'))).rejects.toThrow('cannot be written');
  });

  test('refuses a model beyond 2 GiB', async () => {
    const payload = { byteLength: 2 ** 31, read: () => new Uint8Array() };
    const huge = withTensors(load(large()), () => ({ dtype: 'uint8', shape: [2 ** 31], payload }));
    await expect(save(huge, pathOf('out.onnx'))).rejects.toThrow('expected at most 2 GiB, got');
  });
});

describe.skipIf(sharedModels().length === 0)('two initializers edited, all else verbatim', () => {
  test.each(sharedModels())('%s', async (path) => {
    const model = load(path);
    const weights = [...model.graph.initializers].filter(([, t]) => t.dtype === 'float32').map(([value]) => value);
    const edited = new Set([weights.at(0)!, weights.at(-1)!]);
    const initializers = new Map([...model.graph.initializers].map(([v, t]) => [v, edited.has(v) ? doubled(t) : t]));
    await save({ ...model, graph: { ...model.graph, initializers } }, pathOf('out.onnx'));
    const [before, after] = [readFileSync(path), readFileSync(pathOf('out.onnx'))];

    const places = differences(before, after, ['7', '7/5']);
    const names = [...model.graph.initializers.keys()];
    const expected = [...edited].map((value) =>
      expect.stringMatching(`^7\\[0\\]/5\\[${names.indexOf(value)}\\]/[49]\\[0\\]$`),
    );
    expect(places).toEqual(expected);

    const read = onnx.ModelProto.decode(after).graph!.initializer!;
    for (const value of edited) {
      const { rawData, floatData } = read.find(({ name }) => name === value.name)!;
      const got = floatData?.length ? Float32Array.from(floatData) : new Float32Array(new Uint8Array(rawData!).buffer);
      expect(got).toEqual(dataOf(doubled(model.graph.initializers.get(value)!)));
    }
  });
});
