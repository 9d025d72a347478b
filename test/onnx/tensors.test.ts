import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, TensorProto_DataType } from 'onnx-buf';
import { onnx } from 'onnx-proto';
import { afterAll, describe, expect, test } from 'vitest';
import type { Graph } from '../../src/ir/types.js';
import { encode } from '../../src/onnx/encode.js';
import { load, loadBytes } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { type DataType, dataTypes, storedBytes } from '../../src/tensor/dtype.js';
import { memoryPayload, type Tensor } from '../../src/tensor/tensor.js';
import { mulberry32 } from '../helpers/non-canonical.js';
import { temporaryFolder } from '../helpers/onnx-files.js';
import { encodeModel } from '../helpers/onnx-models.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

/** Which typed field the ONNX documentation gives each element type, and how its values look there. */
const typed: Record<Exclude<DataType, 'string'>, [field: string, values: (raw: Uint8Array) => unknown[]]> = {
  float32: ['floatData', (raw) => [...new Float32Array(raw.buffer)]],
  complex64: ['floatData', (raw) => [...new Float32Array(raw.buffer)]],
  float64: ['doubleData', (raw) => [...new Float64Array(raw.buffer)]],
  complex128: ['doubleData', (raw) => [...new Float64Array(raw.buffer)]],
  int64: ['int64Data', (raw) => [...new BigInt64Array(raw.buffer)]],
  uint64: ['uint64Data', (raw) => [...new BigUint64Array(raw.buffer)]],
  uint32: ['uint64Data', (raw) => [...new Uint32Array(raw.buffer)].map(BigInt)],
  int32: ['int32Data', (raw) => [...new Int32Array(raw.buffer)]],
  int16: ['int32Data', (raw) => [...new Int16Array(raw.buffer)]],
  int8: ['int32Data', (raw) => [...new Int8Array(raw.buffer)]],
  uint16: ['int32Data', (raw) => [...new Uint16Array(raw.buffer)]],
  float16: ['int32Data', (raw) => [...new Uint16Array(raw.buffer)]],
  bfloat16: ['int32Data', (raw) => [...new Uint16Array(raw.buffer)]],
  uint8: ['int32Data', (raw) => [...raw]],
  bool: ['int32Data', (raw) => [...raw]],
  float8e4m3fn: ['int32Data', (raw) => [...raw]],
  float8e4m3fnuz: ['int32Data', (raw) => [...raw]],
  float8e5m2: ['int32Data', (raw) => [...raw]],
  float8e5m2fnuz: ['int32Data', (raw) => [...raw]],
  float8e8m0: ['int32Data', (raw) => [...raw]],
  uint4: ['int32Data', (raw) => [...raw]],
  int4: ['int32Data', (raw) => [...raw]],
  float4e2m1: ['int32Data', (raw) => [...raw]],
  uint2: ['int32Data', (raw) => [...raw]],
  int2: ['int32Data', (raw) => [...raw]],
};

const dtypes = Object.keys(typed) as (keyof typeof typed)[];
const shape = [3, 5];

/** Random bits of 15 elements, extremes included; quiet where a bit pattern could be a signalling NaN. */
function bits(dtype: keyof typeof typed, seed: number): Uint8Array {
  const random = mulberry32(seed);
  const raw = Uint8Array.from({ length: storedBytes(dtype, 15) }, () => Math.floor(random() * 256));
  if (dataTypes[dtype].array === Float32Array)
    return new Uint8Array(Float32Array.from({ length: raw.length / 4 }, () => random() - 0.5).buffer);
  if (dataTypes[dtype].array === Float64Array)
    return new Uint8Array(Float64Array.from({ length: raw.length / 8 }, () => random() - 0.5).buffer);
  raw.fill(0xff, 0, 8);
  if (raw.length > 16) raw.fill(0x80, 8, 16);
  return raw;
}

const modelOf = (dtype: DataType, fields: object): Uint8Array =>
  encodeModel({
    irVersion: 11n,
    graph: { initializer: [{ name: 't', dims: shape.map(BigInt), dataType: dataTypes[dtype].code, ...fields }] },
  });

const only = (graph: Graph): Tensor => [...graph.initializers.values()][0]!;

describe.each(dtypes)('%s', (dtype) => {
  const [field, values] = typed[dtype];
  const [before, after] = [bits(dtype, 1), bits(dtype, 2)];

  test.each([
    ['raw_data', { rawData: before }, 'rawData', after],
    ['its typed field', { [field]: values(before) }, field, values(after)],
  ])('is read from %s, and changed there', async (_, fields, stored, expected) => {
    const bytes = modelOf(dtype, fields);
    const tensor = only(loadBytes(bytes).graph);
    expect([tensor.dtype, tensor.shape, tensor.payload.byteLength]).toEqual([dtype, shape, before.length]);
    expect([...tensor.payload.read()]).toEqual([...before]);
    expect([...tensor.payload.read(1, 3)]).toEqual([...before.subarray(1, 4)]);

    const [from, to] = [join(folder, 'from.onnx'), join(folder, 'to.onnx')];
    writeFileSync(from, bytes);
    const model = load(from);
    const [name] = [...model.graph.initializers.keys()];
    const initializers = new Map([[name!, { ...tensor, payload: memoryPayload(after) }]]);
    await save({ ...model, graph: { ...model.graph, initializers } }, to, { force: true });
    const proto = fromBinary(ModelProtoSchema, new Uint8Array(readFileSync(to))).graph!.initializer[0]!;
    const data = (proto as unknown as Record<string, Uint8Array>)[stored];
    expect([...data!]).toEqual([...(expected as unknown[])]);
    expect(only(load(to).graph).payload.read()).toEqual(after);
  });

  test('is written by encode', () => {
    const graph = { ...loadBytes(modelOf(dtype, { rawData: before })).graph };
    const proto = onnx.ModelProto.decode(encode(graph)).graph!.initializer![0]!;
    expect(proto.dataType).toBe(
      TensorProto_DataType[
        dtype === 'float32' ? 'FLOAT' : dtype === 'float64' ? 'DOUBLE' : (dtype.toUpperCase() as 'INT8')
      ],
    );
    expect([...proto.rawData!]).toEqual([...before]);
  });
});

test('packed data in a file can be mapped by others, varints cannot', () => {
  const path = join(folder, 'mapped.onnx');
  const data = bits('float32', 3);
  for (const fields of [{ rawData: data }, { floatData: [...new Float32Array(data.buffer)] }]) {
    const bytes = modelOf('float32', fields);
    writeFileSync(path, bytes);
    const { file } = only(load(path).graph).payload;
    expect(bytes.subarray(file!.offset, file!.offset + file!.length)).toEqual(data);
    expect(file!.path).toBe(path);
  }
  writeFileSync(path, modelOf('int64', { int64Data: Array.from({ length: 15 }, (_, i) => BigInt(i)) }));
  expect(only(load(path).graph).payload.file).toBeUndefined();
  expect(only(loadBytes(modelOf('float32', { rawData: data })).graph).payload.file).toBeUndefined();
});

test('sparse tensors are read dense, from linear indices and from coordinates', () => {
  const values = (n: number) => ({ name: 's', dims: [BigInt(n)], dataType: 1, floatData: [5, -6].slice(0, n) });
  const dense = (sparse: object): number[] => {
    const { graph } = loadBytes(encodeModel({ graph: { sparseInitializer: [sparse] } }));
    const [[value, tensor]] = [...graph.initializers] as [[{ name: string }, Tensor]];
    expect([value.name, tensor.dtype, tensor.shape]).toEqual(['s', 'float32', [2, 3]]);
    return [...new Float32Array(tensor.payload.read().slice().buffer)];
  };
  const dims = [2n, 3n];
  expect(dense({ dims, values: values(2), indices: { dims: [2n], dataType: 7, int64Data: [1n, 5n] } })).toEqual([
    0, 5, 0, 0, 0, -6,
  ]);
  expect(
    dense({ dims, values: values(2), indices: { dims: [2n, 2n], dataType: 7, int64Data: [0n, 2n, 1n, 0n] } }),
  ).toEqual([0, 0, 5, -6, 0, 0]);
  expect(dense({ dims, values: values(0), indices: { dims: [0n], dataType: 7 } })).toEqual([0, 0, 0, 0, 0, 0]);
});
