/** TensorProto and SparseTensorProto to tensors whose payload stays where it lies. */
import { UserError, unsupported } from '../errors.js';
import { type DataType, dataTypeOf, dataTypes, sizeOf, storedBytes } from '../tensor/dtype.js';
import { memoryPayload, type Payload, type Tensor } from '../tensor/tensor.js';
import { type ExternalFiles, placeOf } from './external-data.js';
import { type Long, type Message, toNumber } from './protobuf.js';
import { delimited, readLight } from './read-message.js';
import { externalLocation, fieldNumber } from './schema.js';
import { lazyPayload, piecesPayload, spanPayload } from './span-payload.js';
import { decodeSparse } from './sparse.js';
import { decodeVarints, typedFieldOf, typedFields } from './typed-data.js';
import { type Body, bodyOf, gather, records, type WireRecord } from './wire.js';

export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/**
 * Reads a tensor without its payload.
 * @throws UserError naming the tensor when its payload cannot have the size that its shape asks for.
 */
export function readTensor(body: Body, files: Pick<ExternalFiles, 'payload'>): NamedTensor {
  const all = records(body);
  const light = readLight('TensorProto', body, all);
  const where = `${body.source.name}: tensor '${light.name}'`;
  if (light.segment) throw unsupported(where, 'tensors in segments cannot be read; store it whole');
  const dtype = dataTypeOf(light.dataType);
  if (!dtype) throw unsupported(where, `element type ${light.dataType} is not known; known are 1 to 26`);
  const shape = readShape(light.dims, where);
  if (dtype === 'string') return { name: light.name, tensor: stringTensor(body, all, shape, light, where) };
  const payload =
    light.dataLocation === externalLocation
      ? externalPayload(light, dtype, shape, files, where)
      : inlinePayload(body, all, dtype, shape, where);
  return { name: light.name, tensor: { dtype, shape, payload } };
}

function readShape(dims: readonly Long[], where: string): number[] {
  const shape = dims.map(toNumber);
  if (shape.some((size) => size < 0) || !Number.isSafeInteger(sizeOf(shape) * 16)) {
    throw new UserError(
      where,
      `expected sizes of at least 0 that fit a file, got shape [${shape}]; the file is damaged`,
    );
  }
  return shape;
}

function stringTensor(
  body: Body,
  all: readonly WireRecord[],
  shape: readonly number[],
  light: Message<'TensorProto'>,
  where: string,
): Tensor {
  if (light.dataLocation === externalLocation)
    throw unsupported(where, 'strings cannot be external data; store them in the model');
  const items = delimited(all, fieldNumber('TensorProto', 'stringData'));
  if (items.length !== sizeOf(shape)) {
    throw new UserError(
      where,
      `expected ${sizeOf(shape)} strings for shape [${shape}], got ${items.length}; the file is damaged`,
    );
  }
  return {
    dtype: 'string',
    shape,
    payload: memoryPayload(new Uint8Array()),
    get strings() {
      return items.map(({ payload, end }) => body.source.read(payload, end - payload));
    },
  };
}

function externalPayload(
  light: Message<'TensorProto'>,
  dtype: DataType,
  shape: readonly number[],
  files: Pick<ExternalFiles, 'payload'>,
  where: string,
): Payload {
  const expected = storedBytes(dtype, sizeOf(shape));
  const place = placeOf(light.externalData, where);
  if (place.length !== undefined && place.length !== expected) {
    throw mismatch(where, dtype, shape, `${place.length} bytes of external data`);
  }
  return files.payload(place, expected, where);
}

function inlinePayload(
  body: Body,
  all: readonly WireRecord[],
  dtype: Exclude<DataType, 'string'>,
  shape: readonly number[],
  where: string,
): Payload {
  const { source } = body;
  const expected = storedBytes(dtype, sizeOf(shape));
  const raw = delimited(all, fieldNumber('TensorProto', 'rawData')).at(-1);
  const field = typedFieldOf(dtype);
  const { width, wire } = typedFields[field];
  const number = fieldNumber('TensorProto', field);
  const pieces = all
    .filter((record) => record.field === number && (record.wire === 2 || record.wire === wire))
    .map(({ payload, end }) => ({ start: payload, end }));
  if (raw && (raw.end > raw.payload || pieces.length === 0)) {
    const got = raw.end - raw.payload;
    if (got !== expected) throw mismatch(where, dtype, shape, `${got} bytes of raw data`);
    return spanPayload(source, raw.payload, expected);
  }
  const got = pieces.reduce((total, { start, end }) => total + end - start, 0);
  if (width === 0) {
    if (expected > 0 && got === 0) throw mismatch(where, dtype, shape, 'no data');
    return lazyPayload(expected, () => decodeVarints([gather(source, pieces)], dtype, expected, where));
  }
  if (got !== expected) throw mismatch(where, dtype, shape, got === 0 ? 'no data' : `${got / width} values`);
  return piecesPayload(source, pieces);
}

const mismatch = (where: string, dtype: DataType, shape: readonly number[], got: string): UserError =>
  new UserError(
    where,
    `expected ${storedBytes(dtype, sizeOf(shape))} bytes (${dataTypes[dtype].bits} bits an element) for ${dtype}[${shape}], got ${got}; the file is damaged`,
  );

/** A sparse tensor as the dense one it stands for; its elements are spread out when it is read. */
export function readSparseTensor(body: Body, files: ExternalFiles): NamedTensor {
  const all = records(body);
  const part = (field: 'values' | 'indices') =>
    readTensor(bodyOf(body.source, delimited(all, fieldNumber('SparseTensorProto', field))), files);
  const { name, tensor: values } = part('values');
  const { tensor: indices } = part('indices');
  const where = `${body.source.name}: sparse tensor '${name}'`;
  const shape = readShape(readLight('SparseTensorProto', body, all).dims, where);
  if (values.dtype === 'string') throw unsupported(where, 'sparse strings cannot be read; store them dense');
  if (indices.dtype !== 'int64')
    throw new UserError(where, `expected int64 indices, got ${indices.dtype}; the file is damaged`);
  const { dtype } = values;
  const byteLength = storedBytes(dtype, sizeOf(shape));
  const payload = lazyPayload(byteLength, () => decodeSparse(values, indices, shape, where));
  const storage = { kind: 'sparse', indices: indices.shape.length === 2 ? 'coordinates' : 'linear' } as const;
  return { name, tensor: { dtype, shape, payload, storage } };
}
