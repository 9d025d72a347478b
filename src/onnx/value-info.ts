/** ValueInfoProto and TypeProto to types and back. */
import type { Dimension, TensorType, Value } from '../ir/types.js';
import { dataTypeOf, dataTypes } from '../tensor/dtype.js';
import { encodeFields, type Fields, type Message, toLong, toNumber } from './protobuf.js';

// types that the graph does not model (sequences, maps, optionals) travel beside the value they were read for
const otherTypes = new WeakMap<Value, Message<'TypeProto'>>();

/** A value of that name; its type is unknown to the graph when it is not a dense tensor. */
export function makeValue(name: string, type?: Message<'TypeProto'> | TensorType | null): Value {
  if (!type) return { name };
  if ('dtype' in type) return { name, type };
  const known = tensorType(type);
  if (known) return { name, type: known };
  const value = { name };
  otherTypes.set(value, type);
  return value;
}

function tensorType({ tensorType: proto }: Message<'TypeProto'>): TensorType | undefined {
  const dtype = proto && dataTypeOf(proto.elemType);
  if (!dtype) return undefined;
  return proto.shape ? { dtype, shape: proto.shape.dim.map(dimension) } : { dtype };
}

function dimension(proto: Message<'DimensionProto'>): Dimension {
  if (proto.dimParam !== '') return proto.dimParam;
  const isSet = Object.hasOwn(proto, 'dimValue');
  const size = toNumber(proto.dimValue);
  // some exporters write -1 for a size that is not known
  return isSet && size >= 0 ? size : null;
}

export const encodeValueInfo = (value: Value): Uint8Array => encodeFields('ValueInfoProto', valueInfoFields(value));

function valueInfoFields(value: Value): Fields<'ValueInfoProto'> {
  const type = value.type ? typeFields(value.type) : otherTypes.get(value);
  return type ? { name: value.name, type: type as Fields<'TypeProto'> } : { name: value.name };
}

export const typeFields = ({ dtype, shape }: TensorType): Fields<'TypeProto'> => ({
  tensorType: { elemType: dataTypes[dtype].code, ...(shape && { shape: { dim: shape.map(dimensionFields) } }) },
});

const dimensionFields = (size: Dimension): Fields<'DimensionProto'> =>
  size === null ? {} : typeof size === 'number' ? { dimValue: toLong(size) } : { dimParam: size };

/** Whether a value says what a graph input must say. */
export const hasType = (value: Value): boolean => value.type !== undefined || otherTypes.has(value);

export const sameType = (a: TensorType | undefined, b: TensorType | undefined): boolean =>
  a === b ||
  (a?.dtype === b?.dtype &&
    a?.shape?.length === b?.shape?.length &&
    (a?.shape ?? []).every((size, axis) => size === b?.shape?.[axis]));
