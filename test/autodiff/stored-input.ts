/** The tensors beside a node test: raw data, or numbers in their typed field. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import proto from 'onnx-proto';
import { tensorOf } from '../../src/tensor/convert.js';
import { dataTypeOf, sizeOf } from '../../src/tensor/dtype.js';
import { memoryPayload, type Tensor, tensor } from '../../src/tensor/tensor.js';

/** The `i`-th input beside a model file. */
export function storedInput(model: string, i: number): Tensor {
  const file = join(dirname(model), 'test_data_set_0', `input_${i}.pb`);
  if (!existsSync(file)) throw new Error(`${file} is missing`);
  const read = proto.onnx.TensorProto.decode(readFileSync(file));
  const dtype = dataTypeOf(read.dataType ?? 0)!;
  const shape = (read.dims ?? []).map(Number);
  const raw = Uint8Array.from(read.rawData ?? []);
  if (raw.length > 0 || sizeOf(shape) === 0) return { dtype, shape, payload: memoryPayload(raw) };
  if (read.int64Data?.length) {
    return tensor(
      dtype,
      shape,
      BigInt64Array.from(read.int64Data, (v) => BigInt(String(v))),
    );
  }
  if (read.doubleData?.length) return tensor(dtype, shape, Float64Array.from(read.doubleData));
  return tensorOf(dtype, shape, Float32Array.from((read.floatData?.length ? read.floatData : read.int32Data) ?? []));
}
