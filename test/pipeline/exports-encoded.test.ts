/** Models with what the graph alone cannot express: outputs that are no tensors, sparse initializers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compare } from '../../src/pipeline/compare/compare.js';
import { random } from '../../src/tensor/random.js';
import { encodeModel } from '../helpers/onnx-models.js';
import { normals } from '../helpers/tiny-gpt.js';
import { arraysIn, type Exported, expectMasked, expectOnlyLayersDiffer, pruneFile } from './exported.js';
import { newFolder } from './prune-requests.js';

const width = 8;

const floats = (values: Float32Array): Uint8Array => new Uint8Array(values.slice().buffer);

const tensorType = {
  case: 'tensorType',
  value: {
    elemType: 1,
    shape: { dim: [{ value: { case: 'dimParam', value: 'batch' } }, { value: { case: 'dimValue', value: 8n } }] },
  },
};

const weight = (name: string) => ({
  name,
  dims: [8n, 8n],
  dataType: 1,
  rawData: floats(random(1, name).normals(width * width)),
});

/** y = relu(relu(x a) b) c, with changes. */
function encoded(changes: {
  readonly initializer?: readonly object[];
  readonly node?: readonly object[];
  readonly output?: readonly object[];
  readonly sparseInitializer?: readonly object[];
}): Exported {
  const folder = newFolder();
  const model = join(folder, 'model.onnx');
  const product = (x: string, w: string, y: string) => ({ name: w, opType: 'MatMul', input: [x, w], output: [y] });
  const relu = (x: string, y: string) => ({ name: y, opType: 'Relu', input: [x], output: [y] });
  const { initializer = ['a', 'b', 'c'].map(weight), node = [], output = [], sparseInitializer = [] } = changes;
  const graph = {
    name: 'main',
    input: [{ name: 'x', type: { value: tensorType } }],
    output: [{ name: 'y', type: { value: tensorType } }, ...output],
    initializer,
    sparseInitializer,
    node: [
      product('x', 'a', 'xa'),
      relu('xa', 'h'),
      product('h', 'b', 'hb'),
      relu('hb', 'k'),
      product('k', 'c', 'y'),
      ...node,
    ],
  };
  writeFileSync(model, encodeModel({ irVersion: 10n, opsetImport: [{ domain: '', version: 17n }], graph }));
  return { folder, model };
}

describe('an output that is no tensor', () => {
  test('does not count, and stays', async () => {
    const file = encoded({
      node: [{ name: 'pack', opType: 'SequenceConstruct', input: ['h', 'k'], output: ['list'] }],
      output: [
        {
          name: 'list',
          type: { value: { case: 'sequenceType', value: { elemType: { value: tensorType } } } },
        },
      ],
    });
    const calibration = arraysIn(file.folder, { x: normals([6, width]) });
    for (const method of ['wanda', 'sparsegpt'] as const) {
      const result = await pruneFile(file, { method, calibration });
      await expectOnlyLayersDiffer(result);
      if (method === 'wanda') expectMasked(result);
      expect(result.report.layers.map(({ name }) => name)).toEqual(['a', 'b']);
      const { outputs } = await compare(result.before, result.after, { parts: ['outputs'] });
      expect(outputs?.outputs.map(({ name }) => name)).toEqual(['y']);
    }
  });
});

describe('a sparse initializer', () => {
  test('stays sparse and loses entries', async () => {
    const kept = 40;
    const file = encoded({
      initializer: ['a', 'c'].map(weight),
      sparseInitializer: [
        {
          dims: [8n, 8n],
          values: { name: 'b', dims: [BigInt(kept)], dataType: 1, rawData: floats(random(1, 'b').normals(kept)) },
          indices: {
            dims: [BigInt(kept)],
            dataType: 7,
            int64Data: Array.from({ length: kept }, (_, i) => BigInt(Math.floor((i * 64) / kept))),
          },
        },
      ],
    });
    const calibration = arraysIn(file.folder, { x: normals([6, width]) });
    for (const method of ['wanda', 'sparsegpt'] as const) {
      const result = await pruneFile(file, { method, calibration });
      await expectOnlyLayersDiffer(result);
      // whole columns of b are zero before, so that half of each row is more than half of it
      const half = method === 'wanda' ? 44 / 64 : 0.5;
      expect(result.report.layers.map(({ sparsity }) => sparsity.after)).toEqual([0.5, half]);
      expect(result.report.model.after.bytes).toBeLessThan(result.report.model.before.bytes);
    }
  });
});
