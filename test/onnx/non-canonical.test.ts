import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary, toJson } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { afterAll, describe, expect, test } from 'vitest';
import { load, loadBytes } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { everyRewrite, type Rewrites, rewrite } from '../helpers/non-canonical.js';
import { sharedModels, temporaryFolder } from '../helpers/onnx-files.js';
import { everything } from '../helpers/onnx-models.js';
import { plainModel } from '../helpers/plain.js';
import { touchModel } from '../helpers/touch.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const canonical = everything();
const kinds: [string, Rewrites][] = [
  ['padded varints', { rate: 0.5, pad: true }],
  ['repacked lists', { rate: 0.7, repack: true }],
  ['shuffled fields', { rate: 1, shuffle: true }],
  ['split messages', { rate: 0.7, split: true }],
  ['overridden values', { rate: 0.5, override: true }],
  ['unknown fields', { rate: 0.8, unknown: true }],
  ['everything at once', everyRewrite],
];
const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

async function saved(bytes: Uint8Array, edit: typeof touchModel): Promise<Buffer> {
  const [from, to] = [join(folder, 'from.onnx'), join(folder, 'to.onnx')];
  writeFileSync(from, bytes);
  await save(edit(load(from)), to, { force: true });
  return readFileSync(to);
}

describe.each(kinds)('%s', (_, rewrites) => {
  const encodings = seeds.map((seed) => [seed, rewrite(ModelProtoSchema, canonical, rewrites, seed)] as const);

  test.each(encodings)('mean the same (seed %i)', (_seed, bytes) => {
    const json = (encoded: Uint8Array) => toJson(ModelProtoSchema, fromBinary(ModelProtoSchema, encoded));
    expect(json(bytes)).toEqual(json(canonical));
    expect(Buffer.from(bytes).equals(canonical)).toBe(false);
    expect(plainModel(loadBytes(bytes))).toEqual(plainModel(loadBytes(canonical)));
  });

  test.each(encodings)('are saved as they are (seed %i)', async (_seed, bytes) => {
    expect((await saved(bytes, (model) => model)).equals(bytes)).toBe(true);
    expect((await saved(bytes, touchModel)).equals(bytes)).toBe(true);
  });
});

describe.skipIf(sharedModels().length === 0)('shared models in other encodings', () => {
  const small = sharedModels().filter((path) => readFileSync(path).length < 100_000);

  test.each(small)('%s', async (path) => {
    const original = readFileSync(path);
    for (const seed of seeds) {
      const bytes = rewrite(ModelProtoSchema, original, everyRewrite, seed);
      expect(plainModel(loadBytes(bytes))).toEqual(plainModel(load(path)));
      expect((await saved(bytes, touchModel)).equals(bytes)).toBe(true);
    }
  });
});
