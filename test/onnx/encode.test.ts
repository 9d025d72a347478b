import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { InferenceSession, Tensor as RuntimeTensor } from 'onnxruntime-node';
import { afterAll, describe, expect, test } from 'vitest';
import type { Graph, Model } from '../../src/ir/types.js';
import { encode } from '../../src/onnx/encode.js';
import { load, loadBytes } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { Builder } from '../../src/ops/builder.js';
import { float32 } from '../../src/tensor/tensor.js';
import { nodeTests, sharedModels, temporaryFolder } from '../helpers/onnx-files.js';
import { everything } from '../helpers/onnx-models.js';
import { plainModel } from '../helpers/plain.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

/** What encode promises to keep: all but the types of inner values, which the runtime infers. */
function comparable(model: Model): object {
  const untyped = JSON.stringify(plainModel(model), (key, value) =>
    key === 'type' ? undefined : typeof value === 'bigint' ? `${value}n` : Object.is(value, Number.NaN) ? 'NaN' : value,
  );
  return JSON.parse(untyped);
}

const again = (model: Model): Model => loadBytes(encode(model.graph, { irVersion: model.irVersion }));

describe('encode keeps everything the graph says', () => {
  test('of a model with everything in it', () => {
    const model = loadBytes(everything());
    const { graph, ...facts } = again(model);
    expect(comparable({ ...facts, graph, producer: model.producer, metadata: model.metadata })).toEqual(
      comparable(model),
    );
    expect([graph.inputs, graph.outputs]).toEqual([model.graph.inputs, model.graph.outputs]);
  });

  test.skipIf(nodeTests().length === 0)('of the ONNX node tests', () => {
    for (const path of nodeTests()) {
      const model = load(path);
      const { graph, irVersion } = again(model);
      expect(comparable({ ...model, graph, irVersion })).toEqual(comparable(model));
      expect(graph.inputs).toEqual(model.graph.inputs);
    }
  });

  test.skipIf(sharedModels().length === 0)('so that the runtime accepts the shared models', async () => {
    for (const path of sharedModels()) {
      const original = await InferenceSession.create(path, { logSeverityLevel: 4 });
      const model = load(path);
      const session = await InferenceSession.create(encode(model.graph, { irVersion: model.irVersion }), {
        logSeverityLevel: 4,
      });
      expect(session.inputMetadata).toEqual(original.inputMetadata);
      expect(session.outputMetadata).toEqual(original.outputMetadata);
      await Promise.all([original.release(), session.release()]);
    }
  });
});

/** y = x + w */
function sum(): Graph {
  const x = { name: 'x', type: { dtype: 'float32', shape: ['N', 2] } } as const;
  const g = new Builder(['x']);
  const y = g.add(x, g.constant(float32([2], Float32Array.of(10, 20)), 'w'));
  const empty: Graph = {
    name: 'sum',
    inputs: [x],
    outputs: [],
    nodes: [],
    initializers: new Map(),
    opsets: new Map([['', 21]]),
    functions: [],
  };
  return g.appendTo(empty, [y]);
}

test('weights can be left where they lie', async () => {
  writeFileSync(join(folder, 'w.bin'), Buffer.from(Float32Array.of(0, 0, 0, 10, 20).buffer));
  const place = { location: 'w.bin', offset: 12, length: 8 };
  const bytes = encode(sum(), { external: () => place });
  const [weight] = fromBinary(ModelProtoSchema, bytes).graph!.initializer;
  expect(weight!.externalData.map(({ key, value }) => [key, value])).toEqual([
    ['location', 'w.bin'],
    ['offset', '12'],
    ['length', '8'],
  ]);
  expect([weight!.rawData.length, weight!.dataLocation]).toEqual([0, 1]);
  const session = await InferenceSession.create(bytes, {
    extra: { session: { model_external_initializers_file_folder_path: folder } },
  });
  const { data } = (await session.run({ x: new RuntimeTensor('float32', Float32Array.of(1, 2), [1, 2]) }))[
    session.outputNames[0]!
  ]!;
  expect([...(data as Float32Array)]).toEqual([11, 22]);
  await session.release();
});

test('a graph input without a type is refused', () => {
  const graph = sum();
  const untyped = { ...graph, inputs: [...graph.inputs, { name: 'mask' }] };
  expect(() => encode(untyped)).toThrow(
    "graph input 'mask': expected a type, got none; annotate the graph it was taken from",
  );
});

test('a model that was never loaded is saved whole', async () => {
  const path = join(folder, 'fresh.onnx');
  const model: Model = { graph: sum(), irVersion: 9, producer: 'tests', metadata: new Map([['a', 'b']]) };
  await save(model, path);
  const { path: _, origin, ...loaded } = load(path);
  expect(origin).toBeDefined();
  expect(comparable(loaded)).toEqual(comparable(model));
  expect(readFileSync(path).length).toBeLessThan(300);
});
