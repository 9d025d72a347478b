import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary, toJson } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { afterAll, describe, expect, test } from 'vitest';
import type { Model } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { everyRewrite, rewrite } from '../helpers/non-canonical.js';
import { temporaryFolder } from '../helpers/onnx-files.js';
import { everything } from '../helpers/onnx-models.js';
import { differences } from '../helpers/wire.js';
import { type Json, messages, rows } from './edit-cases.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const canonical = everything();

async function edited(bytes: Uint8Array, edit: (model: Model) => Model): Promise<Uint8Array> {
  const [from, to] = [join(folder, 'from.onnx'), join(folder, 'to.onnx')];
  writeFileSync(from, bytes);
  await save(edit(load(from)), to, { force: true });
  return new Uint8Array(readFileSync(to));
}

const jsonOf = (bytes: Uint8Array): Json => toJson(ModelProtoSchema, fromBinary(ModelProtoSchema, bytes));

describe.each(rows)('editing %s', (_, edit, change, places) => {
  const expected = jsonOf(canonical);
  change(expected);
  const editModel = (model: Model): Model => ({ ...model, graph: edit(model.graph) });

  test('changes these places and no other byte', async () => {
    const bytes = await edited(canonical, editModel);
    expect(jsonOf(bytes)).toEqual(expected);
    expect(differences(canonical, bytes, messages)).toEqual(places);
  });

  test('means the same in any encoding', async () => {
    for (const seed of [11, 12, 13, 14, 15, 16]) {
      const bytes = rewrite(ModelProtoSchema, canonical, everyRewrite, seed);
      expect(jsonOf(await edited(bytes, editModel))).toEqual(expected);
    }
  });
});

test('model facts are patched in place', async () => {
  const bytes = await edited(canonical, (model) => ({
    ...model,
    irVersion: 12,
    producer: 'us',
    metadata: new Map([
      ['model.key', 'changed'],
      ['new', 'entry'],
    ]),
  }));
  const expected = jsonOf(canonical);
  Object.assign(expected, {
    irVersion: '12',
    producerName: 'us',
    metadataProps: [
      { key: 'model.key', value: 'changed' },
      { key: 'new', value: 'entry' },
    ],
  });
  expect(jsonOf(bytes)).toEqual(expected);
  expect(differences(canonical, bytes, messages)).toEqual(['1[0]', '2[0]', '14[0]/2[0]', '14[1]/1[0]', '14[1]/2[0]']);
});
