import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import type { Model } from '../../src/ir/types.js';
import { load, loadBytes } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';
import { temporaryFolder } from '../helpers/onnx-files.js';
import { externalModel } from '../helpers/onnx-models.js';
import { differences } from '../helpers/wire.js';

let folder: string;
beforeEach(() => {
  folder = join(temporaryFolder(), 'model');
  mkdirSync(folder);
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

type Rows = Parameters<typeof externalModel>[0];

const pathOf = (name: string): string => join(folder, name);

function write(rows: Rows, name = 'm.onnx'): string {
  writeFileSync(pathOf(name), externalModel(rows));
  return pathOf(name);
}

const ramp = (from: number, count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => from + i);
const bytesOf = (data: Float32Array): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
const floatsOf = (tensor: Tensor): number[] => [...new Float32Array(tensor.payload.read().slice().buffer)];
const tensorsOf = (model: Model): Record<string, Tensor> =>
  Object.fromEntries([...model.graph.initializers].map(([{ name }, tensor]) => [name, tensor]));
const withTensor = (model: Model, name: string, tensor: Tensor): Model => {
  const initializers = new Map([...model.graph.initializers].map(([v, old]) => [v, v.name === name ? tensor : old]));
  return { ...model, graph: { ...model.graph, initializers } };
};

/** a and b lie in w.bin with a gap between and a tail behind, c in other.bin. */
const three: Rows = [
  ['a', 'w.bin', '0', '12', 3],
  ['b', './w.bin', '16', '8', 2],
  ['c', 'sub/other.bin', undefined, undefined, 2],
];

function writeThree(): string {
  mkdirSync(pathOf('sub'));
  writeFileSync(pathOf('w.bin'), bytesOf(ramp(1, 8)));
  writeFileSync(pathOf('sub/other.bin'), bytesOf(ramp(100, 2)));
  return write(three);
}

describe('external data', () => {
  test('is read by range, and can be mapped where it lies', () => {
    const { a, b, c } = tensorsOf(load(writeThree()));
    expect([a, b, c].map((tensor) => floatsOf(tensor!))).toEqual([
      [1, 2, 3],
      [5, 6],
      [100, 101],
    ]);
    expect(b!.payload.file).toEqual({ path: pathOf('w.bin'), offset: 16, length: 8 });
  });

  test('is copied under the new name, and the model says so', async () => {
    const path = writeThree();
    mkdirSync(pathOf('out'));
    await save(load(path), pathOf('out/n.onnx'));
    expect(readdirSync(pathOf('out')).sort()).toEqual(['n.onnx', 'n.onnx.1.data', 'n.onnx.data']);
    expect(readFileSync(pathOf('out/n.onnx.data'))).toEqual(readFileSync(pathOf('w.bin')));
    expect(readFileSync(pathOf('out/n.onnx.1.data'))).toEqual(readFileSync(pathOf('sub/other.bin')));
    expect(differences(readFileSync(path), readFileSync(pathOf('out/n.onnx')), ['7', '7/5', '7/5/13'])).toEqual([
      '7[0]/5[0]/13[0]/2[0]',
      '7[0]/5[1]/13[0]/2[0]',
      '7[0]/5[2]/13[0]/2[0]',
    ]);
    const again = tensorsOf(load(pathOf('out/n.onnx')));
    expect(floatsOf(again.c!)).toEqual([100, 101]);
  });

  test('keeps every byte of the model where the name fits already', async () => {
    writeFileSync(pathOf('n.onnx.data'), bytesOf(ramp(1, 4)));
    const path = write([['a', 'n.onnx.data', '4', '8', 2]]);
    mkdirSync(pathOf('out'));
    await save(load(path), pathOf('out/n.onnx'));
    expect(readFileSync(pathOf('out/n.onnx'))).toEqual(readFileSync(path));
    expect(readFileSync(pathOf('out/n.onnx.data'))).toEqual(readFileSync(pathOf('n.onnx.data')));
  });

  test('is changed in place, byte for byte the same around it', async () => {
    const path = writeThree();
    mkdirSync(pathOf('out'));
    const model = load(path);
    await save(withTensor(model, 'b', float32([2], Float32Array.of(-1, -2))), pathOf('out/n.onnx'));
    expect([...new Float32Array(readFileSync(pathOf('out/n.onnx.data')).buffer.slice(0))].length).toBeGreaterThan(0);
    const written = readFileSync(pathOf('out/n.onnx.data'));
    expect(new Uint8Array(written)).toEqual(bytesOf(Float32Array.of(1, 2, 3, 4, -1, -2, 7, 8)));
    expect(readFileSync(pathOf('w.bin'))).toEqual(Buffer.from(bytesOf(ramp(1, 8))));
  });

  test.each([
    ['another size', 'b', float32([3], Float32Array.of(7, 8, 9)), ['a', 'w.bin', '0', '12', 3]],
    ['a range that another tensor reads', 'b', float32([2], Float32Array.of(7, 8)), ['a', 'w.bin', '8', '12', 3]],
  ] as const)('of %s goes to the end of the file', async (_, name, tensor, neighbour) => {
    writeFileSync(pathOf('w.bin'), bytesOf(ramp(1, 8)));
    const path = write([neighbour, ['b', 'w.bin', '16', '8', 2]]);
    await save(withTensor(load(path), name, tensor), pathOf('n.onnx'));
    const again = tensorsOf(load(pathOf('n.onnx')));
    expect(floatsOf(again.a!)).toEqual(floatsOf(tensorsOf(load(path)).a!));
    expect(floatsOf(again.b!)).toEqual(floatsOf(tensor));
    expect(again.b!.payload.file!.offset).toBe(4096);
  });

  test('is replaced together with the model it belongs to', async () => {
    writeFileSync(pathOf('m.onnx.data'), bytesOf(ramp(1, 2)));
    const path = write([['a', 'm.onnx.data', '0', '8', 2]]);
    const model = load(path);
    await save(model, path, { force: true });
    await save(withTensor(model, 'a', float32([2], Float32Array.of(5, 6))), path, { force: true });
    expect(floatsOf(tensorsOf(load(path)).a!)).toEqual([5, 6]);
    expect(floatsOf(tensorsOf(model).a!)).toEqual([1, 2]);
    expect(readdirSync(folder).sort()).toEqual(['m.onnx', 'm.onnx.data']);
  });
});

describe('refused', () => {
  const outside = (): void => {
    writeFileSync(join(folder, '..', 'secret.bin'), bytesOf(ramp(1, 2)));
    symlinkSync(join(folder, '..', 'secret.bin'), pathOf('link.bin'));
    symlinkSync(join(folder, '..'), pathOf('up'));
    writeFileSync(pathOf('w.bin'), bytesOf(ramp(1, 2)));
    mkdirSync(pathOf('folder'));
  };

  test.each([
    ['../secret.bin', '0', '8', "expected external data inside the model's folder, got location '../secret.bin'"],
    ['x/../../secret.bin', '0', '8', "expected external data inside the model's folder"],
    ['..\\secret.bin', '0', '8', "expected external data inside the model's folder"],
    ['/etc/hostname', '0', '8', "expected external data inside the model's folder, got location '/etc/hostname'"],
    ['C:\\w.bin', '0', '8', "expected external data inside the model's folder"],
    ['\\\\server\\share', '0', '8', "expected external data inside the model's folder"],
    ['w.bin\0', '0', '8', "expected external data inside the model's folder"],
    ['', '0', '8', "expected external data inside the model's folder, got location ''"],
    ['link.bin', '0', '8', "external data 'link.bin' leads out of the model's folder; copy the file there"],
    ['up/secret.bin', '0', '8', "external data 'up/secret.bin' leads out of the model's folder"],
    ['none.bin', '0', '8', 'is missing; keep it beside the model'],
    ['folder', '0', '8', 'expected a file, got a folder'],
    [
      'w.bin',
      '4',
      '8',
      "expected external data 'w.bin' to have 12 bytes, got 8; the file is cut short or another model's",
    ],
    ['w.bin', '9007199254740991', '8', 'the file is cut short'],
    ['w.bin', '-4', '8', "expected the external data's offset to be a count of bytes, got '-4'"],
    ['w.bin', '1e3', '8', "expected the external data's offset to be a count of bytes, got '1e3'"],
    ['w.bin', '99999999999999999999', '8', "expected the external data's offset to be a count of bytes"],
    ['w.bin', '0', 'eight', "expected the external data's length to be a count of bytes, got 'eight'"],
    ['w.bin', '0', '4', 'expected 8 bytes (32 bits an element) for float32[2], got 4 bytes of external data'],
  ])('location %j, offset %s, length %s', (location, offset, length, message) => {
    outside();
    const path = write([['weights', location, offset, length, 2]]);
    const attempt = () => floatsOf(tensorsOf(load(path)).weights!);
    expect(attempt).toThrow(UserError);
    expect(attempt).toThrow(message);
    if (!message.includes('expected a file')) expect(attempt).toThrow(`${basename(path)}: tensor 'weights'`);
  });

  test('reading it where there is no folder', () => {
    const model = loadBytes(externalModel([['w', 'w.bin', '0', '8', 2]]));
    expect(() => tensorsOf(model).w!.payload.read()).toThrow(
      "tensor 'w': external data 'w.bin' has no folder; load the model from its file",
    );
  });

  test('saving without its data, or over data of others', async () => {
    const path = write([['w', 'w.bin', '0', '8', 2]]);
    await expect(save(load(path), pathOf('n.onnx'))).rejects.toThrow('is missing; keep it beside the model');
    writeFileSync(pathOf('w.bin'), bytesOf(ramp(1, 2)));
    writeFileSync(pathOf('n.onnx.data'), 'precious');
    await expect(save(load(path), pathOf('n.onnx'))).rejects.toThrow('n.onnx.data: the file exists; pass --force');
    expect(readFileSync(pathOf('n.onnx.data'), 'utf8')).toBe('precious');
  });
});
