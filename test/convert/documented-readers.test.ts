/** The readers of docs/weight-formats.md, run as they stand there: they share nothing with the project's own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bitmask } from '../../src/convert/bitmask.js';
import { csr } from '../../src/convert/csr.js';
import { type ConvertTask, type MadeWeights, targets } from '../../src/convert/index.js';
import { nmPacked } from '../../src/convert/nm-packed.js';
import type { Entry } from '../../src/convert/weights/entries.js';
import { load } from '../../src/onnx/load.js';
import { saveSafetensors } from '../../src/tensor/safetensors.js';
import { dataOf, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { modelOf, pruned, sparse, taskOn, withWeights } from './sparse-weights.js';

const folder = mkdtempSync(join(tmpdir(), 'scalpel-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Bytes = (name: string) => Uint8Array;
type Read = (entry: Entry, bytes: Bytes, tensors: object) => Uint8Array;
interface Readers {
  open(path: string): { weights: Entry[]; tensors: object; bytes: Bytes };
  readBitmask: Read;
  readCsr: Read;
  readNm: Read;
}

const page = readFileSync('docs/weight-formats.md', 'utf8');
let readers: Readers;
beforeAll(async () => {
  const blocks = [...page.matchAll(/^```js\n([\s\S]*?)^```/gm)].map(([, code]) => code);
  expect(blocks).toHaveLength(4);
  const path = join(folder, 'readers.mjs');
  writeFileSync(path, blocks.join('\n'));
  readers = (await import(pathToFileURL(path).href)) as Readers;
});

const cnn = load('models/mnist-cnn/model.onnx');
/** 2:4 where that fits, kernels of one channel and biases as they are, -0 and NaN among what is kept. */
const model = withWeights(pruned(cnn, 2, 4), (t, name) => {
  if (name === 'net/conv1.weight') return sparse(t, 0.9);
  const bits = Uint32Array.from(new Uint32Array((dataOf(t) as Float32Array).slice().buffer));
  const kept = bits.findIndex((word) => word !== 0);
  bits[kept] = 0x80000000;
  bits[bits.findLastIndex((word) => word !== 0)] = 0x7fc01234;
  return tensor('float32', t.shape, bits);
});
const half = withWeights(model, (t) => (t.shape.length > 1 ? halved(t) : t));

/** The upper bits of float32: bfloat16. */
function halved(t: Tensor): Tensor {
  const words = new Uint32Array((dataOf(t) as Float32Array).slice().buffer);
  return tensor(
    'bfloat16',
    t.shape,
    Uint16Array.from(words, (word) => word >>> 16),
  );
}

describe.each([
  ['bitmask', 'readBitmask', (task: ConvertTask) => bitmask.convert(task, {})],
  ['csr', 'readCsr', (task: ConvertTask) => csr.convert(task, { index: 'auto' })],
  ['csr', 'readCsr', (task: ConvertTask) => csr.convert(task, { index: 'i32' })],
  ['n:m', 'readNm', (task: ConvertTask) => nmPacked.convert(task, { n: 2, m: 4 })],
] as const)('%s', (coding, reader, convert) => {
  test.each([
    ['float32', model],
    ['bfloat16', modelOf(half.graph)],
  ])('%s weights', async (_, from) => {
    const made = (await convert(taskOn(from))).made as MadeWeights;
    const path = join(folder, 'w.safetensors');
    await saveSafetensors(path, made.tensors, Object.fromEntries(made.metadata));
    const { weights, tensors, bytes } = readers.open(path);
    const stored = new Map([...from.graph.initializers].map(([{ name }, t]) => [name, t]));
    const coded = weights.filter((entry) => entry.coding === coding);
    expect(coded.length).toBeGreaterThan(0);
    expect(weights.filter((entry) => !['dense', coding].includes(entry.coding))).toEqual([]);
    for (const entry of coded) {
      const read = readers[reader](entry, bytes, tensors);
      expect(Buffer.compare(read, stored.get(entry.name)!.payload.read()), entry.name).toBe(0);
    }
  });
});

test('the page names every target that writes sparse weights', () => {
  for (const name of ['bitmask', 'csr', 'nm-packed', 'nm-dense'] satisfies (keyof typeof targets)[]) {
    expect(page).toContain(`| \`${name}\` | ${targets[name].writes === 'onnx' ? 'ONNX' : 'safetensors'} |`);
  }
});
