/** Model files as exporters write them: old and new opsets, external data, functions, annotations. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Graph, Model, Value } from '../../src/ir/types.js';
import { encode } from '../../src/onnx/encode.js';
import { load } from '../../src/onnx/load.js';
import { inspect } from '../../src/pipeline/inspect/inspect.js';
import { dataOf, type Tensor } from '../../src/tensor/tensor.js';
import { encodeModel } from '../helpers/onnx-models.js';
import { shared } from '../helpers/shared.js';
import { normals, sizes, tinyGpt } from '../helpers/tiny-gpt.js';
import {
  arraysIn,
  type Exported,
  expectMasked,
  expectOnlyLayersDiffer,
  exported,
  pruneFile,
  storedPairs,
  tokensIn,
} from './exported.js';
import { newFolder } from './prune-requests.js';

describe('opsets', () => {
  const convnet = shared('models/mnist-cnn/Convnet_maxpool.onnx');

  test.skipIf(!convnet)('a convolutional network of opset 9 with a fixed batch is pruned', async () => {
    const model = convnet as string;
    const file = { folder: newFolder(), model };
    const [input] = load(model).graph.inputs as [Value];
    const shape = input.type!.shape!.map((size) => (typeof size === 'number' ? size : 1));
    const data = arraysIn(file.folder, { [input.name]: normals([4, ...shape.slice(1)]) });
    for (const method of ['wanda', 'sparsegpt'] as const) {
      const result = await pruneFile(file, { method, calibration: data });
      await expectOnlyLayersDiffer(result);
      if (method === 'wanda') expectMasked(result);
      expect(result.after.graph.opsets.get('')).toBe(9);
    }
  });

  test.each([17, 21, 22, 23, 24, 25])('opset %i stays and prunes to the same weights', async (opset) => {
    const file = await exported(tinyGpt({ opset }));
    const data = tokensIn(file.folder);
    const result = await pruneFile(file, { calibration: data, evaluation: { ...data, metric: 'auto' } });
    await expectOnlyLayersDiffer(result);
    expectMasked(result);
    expect(result.after.graph.opsets.get('')).toBe(opset);
    expect(hashOf(storedPairs(result))).toBe(await plainHash());
  });

  test('a fixed batch takes whole runs and says when there are too few samples', async () => {
    const graph = withSizes(tinyGpt(), { batch_size: 4, sequence_length: sizes.length });
    const file = await exported(graph);
    const data = tokensIn(file.folder);
    const result = await pruneFile(file, { calibration: data, evaluation: { ...data, metric: 'auto' } });
    await expectOnlyLayersDiffer(result);
    await expect(pruneFile(file, { calibration: { ...data, samples: 3 } })).rejects.toThrow(
      'data: expected at least 4 samples, the size of a run, got 3; give more',
    );
  });
});

describe('external data', () => {
  test.each([1, 2])('in %i files keeps files, offsets and order', async (count) => {
    const file = await externalGpt(count);
    const result = await pruneFile(file, { calibration: tokensIn(file.folder) });
    await expectOnlyLayersDiffer(result);
    expectMasked(result);
    const own = join(file.folder, 'wanda');
    const names = Array.from({ length: count }, (_, i) => `pruned.onnx${i === 0 ? '' : `.${i}`}.data`);
    expect(readdirSync(own).filter((name) => name.endsWith('.data'))).toEqual([...names].sort());
    const pruned = new Set(result.report.layers.map(({ name }) => name));
    const places = placesIn(result.after);
    for (const [name, place] of placesIn(result.before)) {
      const now = places.get(name)!;
      const { path, offset, length } = place;
      // what the model holds itself moves by the length of the new file names
      if (path.endsWith('.bin')) expect(now).toMatchObject({ offset, length });
      expect(bytesAt(place).equals(bytesAt(now))).toBe(!pruned.has(name));
    }
    // what lies between the tensors is copied too
    for (const [i, name] of names.entries()) {
      const before = without(join(file.folder, `weights-${i}.bin`), result.before, pruned);
      expect(without(join(own, name), result.after, pruned).equals(before)).toBe(true);
    }
  });
});

describe('functions', () => {
  test('weights that a function multiplies by are pruned where the model holds them', async () => {
    const folder = newFolder();
    const model = join(folder, 'model.onnx');
    writeFileSync(model, twoCalls());
    const file = { folder, model };
    const data = arraysIn(folder, { x: normals([6, 8]) });
    expect(inspect(load(model)).layers.map(({ name, op }) => [name, op])).toEqual([
      ['a', 'Gemm'],
      ['b', 'Gemm'],
    ]);
    const layers = { include: ['a', 'b'], exclude: [] };
    for (const method of ['wanda', 'sparsegpt'] as const) {
      const result = await pruneFile(file, { method, calibration: data, layers });
      expect(result.report.layers.map(({ name }) => name)).toEqual(['a', 'b']);
      await expectOnlyLayersDiffer(result);
      if (method === 'wanda') expectMasked(result);
      const [before, after] = [result.before, result.after].map((m) => without(m.path!, m, ['a', 'b']));
      expect(after!.equals(before!)).toBe(true);
    }
  });
});

const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

let plain: Promise<string> | undefined;

function plainHash(): Promise<string> {
  plain ??= (async () => {
    const file = await exported(tinyGpt());
    return hashOf(storedPairs(await pruneFile(file, { calibration: tokensIn(file.folder) })));
  })();
  return plain;
}

/** `graph` with numbers for the named dimensions of its inputs and outputs. */
function withSizes(graph: Graph, known: Readonly<Record<string, number>>): Graph {
  const to = new Map<Value, Value>();
  const sized = (value: Value): Value => {
    const shape = value.type?.shape?.map((size) => (typeof size === 'string' ? (known[size] ?? size) : size));
    const made = to.get(value) ?? { ...value, type: { ...value.type!, shape: shape! } };
    to.set(value, made);
    return made;
  };
  const [inputs, outputs] = [graph.inputs.map(sized), graph.outputs.map(sized)];
  const swap = (value: Value | null): Value | null => (value && to.get(value)) ?? value;
  const nodes = graph.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map(swap),
    outputs: node.outputs.map(swap),
  }));
  return { ...graph, inputs, outputs, nodes };
}

/** The tiny GPT with its matrices in so many files, alternating, with gaps between them. */
async function externalGpt(count: number): Promise<Exported> {
  const folder = newFolder();
  const files = Array.from({ length: count }, () => [] as Uint8Array[]);
  const graph = tinyGpt();
  const places = new Map<Tensor, { location: string; offset: number; length: number }>();
  for (const t of graph.initializers.values()) {
    if (t.shape.length !== 2) continue;
    const index = places.size % count;
    const file = files[index]!;
    const offset = file.reduce((sum, { length }) => sum + length, 0);
    places.set(t, { location: `weights-${index}.bin`, offset, length: t.payload.byteLength });
    file.push(t.payload.read(), new Uint8Array(48).fill(7));
  }
  files.forEach((parts, i) => {
    writeFileSync(join(folder, `weights-${i}.bin`), Buffer.concat(parts));
  });
  const model = join(folder, 'model.onnx');
  writeFileSync(model, encode(graph, { external: (t) => places.get(t) }));
  return { folder, model };
}

/** Two calls of a function relu(x w'), with documentation and a field that no schema has. */
function twoCalls(): Uint8Array {
  const tensorType = (dims: readonly (number | string)[]) => ({
    value: {
      case: 'tensorType',
      value: {
        elemType: 1,
        shape: {
          dim: dims.map((size) => ({
            value:
              typeof size === 'string' ? { case: 'dimParam', value: size } : { case: 'dimValue', value: BigInt(size) },
          })),
        },
      },
    },
  });
  const weight = (name: string) => ({
    name,
    dims: [8n, 8n],
    dataType: 1,
    rawData: new Uint8Array((dataOf(normals([8, 8], name)) as Float32Array).slice().buffer),
    docString: `${name} doc`,
  });
  const call = (input: string, own: string, output: string) => ({
    name: `call ${own}`,
    opType: 'Dense',
    domain: 'local',
    input: [input, own],
    output: [output],
    docString: 'a call',
  });
  const model = encodeModel({
    irVersion: 10n,
    producerName: 'somebody',
    docString: 'model doc',
    metadataProps: [{ key: 'k', value: 'v' }],
    opsetImport: [
      { domain: '', version: 21n },
      { domain: 'local', version: 1n },
    ],
    functions: [
      {
        name: 'Dense',
        domain: 'local',
        input: ['x', 'w'],
        output: ['y'],
        docString: 'function doc',
        opsetImport: [{ domain: '', version: 21n }],
        node: [
          {
            name: 'product',
            opType: 'Gemm',
            input: ['x', 'w'],
            output: ['h'],
            attribute: [{ name: 'transB', type: 2, i: 1n }],
          },
          { name: 'relu', opType: 'Relu', input: ['h'], output: ['y'] },
        ],
      },
    ],
    graph: {
      name: 'main',
      docString: 'graph doc',
      input: [{ name: 'x', type: tensorType(['batch', 8]), docString: 'the input' }],
      output: [{ name: 'y', type: tensorType(['batch', 8]) }],
      initializer: [weight('a'), weight('b')],
      node: [call('x', 'a', 'h'), call('h', 'b', 'y')],
    },
  });
  // field 1000, length-delimited: a future version's
  return Buffer.concat([model, Buffer.from([0xc2, 0x3e, 3, 1, 2, 3])]);
}

interface Place {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

/** Where the elements of each initializer lie. */
const placesIn = ({ graph }: Model): Map<string, Place> =>
  new Map([...graph.initializers].flatMap(([{ name }, { payload }]) => (payload.file ? [[name, payload.file]] : [])));

const bytesAt = ({ path, offset, length }: Place): Buffer => readFileSync(path).subarray(offset, offset + length);

/** The bytes of a file but those of the named initializers, which become zero. */
function without(path: string, model: Model, names: Iterable<string>): Buffer {
  const bytes = readFileSync(path);
  const places = placesIn(model);
  for (const name of names) {
    const { path: own, offset, length } = places.get(name) as Place;
    if (own === path) bytes.fill(0, offset, offset + length);
  }
  return bytes;
}
