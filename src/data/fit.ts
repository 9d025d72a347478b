/** Arrays in the type and shape of the input that they feed. */
import { UserError, unsupported } from '../errors.js';
import type { TensorType, Value } from '../ir/types.js';
import { floatsOf, isConvertible, tensorOf } from '../tensor/convert.js';
import { type DataType, dataTypes } from '../tensor/dtype.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Column } from './reader.js';

/**
 * The column's rows as the input takes them.
 * @param count samples in all, for the message. @throws UserError for another shape, or a type that is not rounded into the input's.
 */
export function fitted(input: Value, column: Column, count: number, where: string): Column {
  const type = typeOf(input);
  checkShape(type, column.shape, count, where);
  const { dtype } = type;
  if (dtype === column.dtype) return column;
  const bothFloat = dataTypes[dtype].isFloat && dataTypes[column.dtype].isFloat && isConvertible(dtype);
  const bothWhole = isInteger(dtype) && isInteger(column.dtype);
  if (!bothFloat && !bothWhole) {
    throw new UserError(where, `expected ${dtype}, got ${column.dtype}; ${repairOf(dtype, column.dtype)}`);
  }
  const convert = (array: Tensor): Tensor =>
    tensorOf(dtype, array.shape, bothFloat ? floatsOf(array) : exactFloats(array, where));
  return { dtype, shape: column.shape, read: (rows) => convert(column.read(rows)) };
}

/** @throws UserError (exit 3) for inputs that take no tensors. */
export function typeOf(input: Value): TensorType {
  if (!input.type) throw unsupported(`input '${input.name}'`, 'expected a dense tensor, got another type');
  return input.type;
}

export const isInteger = (dtype: DataType): boolean => /^u?int(8|16|32|64)$|^bool$/.test(dtype);

const repairOf = (wanted: DataType, got: DataType): string =>
  dataTypes[wanted].isFloat && isInteger(got)
    ? 'convert it as the model was trained, or say how (--preset, --scale, --mean, --std)'
    : 'convert it as the model was trained';

function exactFloats(array: Tensor, where: string): Float32Array {
  const values = floatsOf(array);
  // beyond 2^24 float32 no longer holds every integer
  if (values.some((value) => Math.abs(value) > 2 ** 24)) {
    throw new UserError(
      where,
      'expected integers below 2^24, got larger ones; save the array in the type of the input',
    );
  }
  return values;
}

function checkShape({ shape }: TensorType, record: readonly number[], count: number, where: string): void {
  if (!shape) return;
  const sizes = shape.slice(1);
  const fits =
    shape.length === record.length + 1 && sizes.every((size, i) => typeof size !== 'number' || size === record[i]);
  if (fits) return;
  const declared = [null, ...sizes].map((size) => (typeof size === 'number' ? size : '?')).join(', ');
  const sameSizes = [...sizes].sort().join() === [...record].sort().join();
  const repair = sameSizes ? 'transpose its axes' : 'reshape it';
  throw new UserError(where, `expected shape [${declared}], got [${[count, ...record].join(', ')}]; ${repair}`);
}
