/** Tensors across the border to the runtime: what may cross, and in which form. */
import type * as Ort from 'onnxruntime-node';
import { UserError } from '../errors.js';
import { printShape, printType } from '../ir/print.js';
import type { TensorType, Value } from '../ir/types.js';
import type { DataType } from '../tensor/dtype.js';
import { dataOf, memoryPayload, type Tensor } from '../tensor/tensor.js';
import type { OrtModule } from './ort.js';

/** Element types that the runtime takes and gives back; fetching another one can abort the process. */
export const transferable: ReadonlySet<DataType> = new Set<DataType>([
  'float32',
  'float64',
  'float16',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
  'string',
]);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The runtime's tensor over the same memory; its elements must not change until the run is done. */
export function toOrt(ort: OrtModule, t: Tensor): Ort.Tensor {
  if (t.strings) {
    const texts = t.strings.map((bytes) => decoder.decode(bytes));
    return new ort.Tensor('string', texts, t.shape);
  }
  return new ort.Tensor(t.dtype as 'float32', dataOf(t) as Float32Array, t.shape);
}

export function fromOrt(t: Ort.Tensor): Tensor {
  if (t.type === 'string') {
    const strings = (t.data as string[]).map((text) => encoder.encode(text));
    return { dtype: 'string', shape: t.dims, payload: memoryPayload(new Uint8Array()), strings };
  }
  const { buffer, byteOffset, byteLength } = t.data as Float32Array;
  const dtype = t.type as DataType;
  return { dtype, shape: t.dims, payload: memoryPayload(new Uint8Array(buffer, byteOffset, byteLength)) };
}

/** @throws UserError unless exactly the inputs are fed, each with its declared type. */
export function checkFeeds(
  inputs: readonly Value[],
  types: readonly (TensorType | undefined)[],
  fed: ReadonlyMap<Value, Tensor>,
): void {
  const missing = inputs.filter((input) => !fed.has(input));
  const extra = [...fed.keys()].filter((value) => !inputs.includes(value));
  if (missing.length > 0 || extra.length > 0) {
    throw new UserError('run', `expected the inputs ${names(inputs)}, got ${names([...fed.keys()])}`);
  }
  inputs.forEach((input, i) => {
    checkFeed(input, types[i], fed.get(input) as Tensor);
  });
}

function checkFeed(input: Value, type: TensorType | undefined, t: Tensor): void {
  const fits =
    !type ||
    (type.dtype === t.dtype &&
      (!type.shape ||
        (type.shape.length === t.shape.length &&
          type.shape.every((size, axis) => typeof size !== 'number' || size === t.shape[axis]))));
  if (!fits)
    throw new UserError(`input '${input.name}'`, `expected ${printType(type)}, got ${t.dtype}${printShape(t.shape)}`);
}

const names = (values: readonly Value[]): string => values.map(({ name }) => `'${name}'`).join(', ') || 'none';
