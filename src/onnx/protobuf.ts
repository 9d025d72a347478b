/** The protobuf library behind the schema: whole small messages in and out. Large payloads never pass through here. */
import protobuf from 'protobufjs/light.js';
import { type FieldSpec, type MessageName, messages, oneofs, type Scalar } from './schema.js';

/** A 64-bit integer as the library holds it. */
export interface Long {
  readonly low: number;
  readonly high: number;
}

interface Scalars {
  string: string;
  bytes: Uint8Array;
  int32: number;
  int64: Long;
  uint64: Long;
  float: number;
  double: number;
}
type Single<T> = T extends Scalar ? Scalars[T] : T extends MessageName ? Message<T> | null : never;
type FieldOf<F> = F extends readonly [number, infer T, infer R]
  ? R extends 'one'
    ? Single<T>
    : readonly NonNullable<Single<T>>[]
  : never;

/** A decoded message: absent scalars have their default, absent messages are null, absent lists empty. */
export type Message<M extends MessageName> = {
  readonly [F in keyof (typeof messages)[M]]: FieldOf<(typeof messages)[M][F]>;
};

/** What is given to encode: only the fields that are to be written. */
export type Fields<M extends MessageName> = {
  readonly [F in keyof (typeof messages)[M]]?: (typeof messages)[M][F] extends readonly [number, infer T, infer R]
    ? R extends 'one'
      ? FieldsOf<T>
      : readonly FieldsOf<T>[]
    : never;
};
type FieldsOf<T> = T extends Scalar ? Scalars[T] : T extends MessageName ? Fields<T> : never;

const root = protobuf.Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(messages).map(([name, fields]) => [
      name,
      {
        fields: Object.fromEntries(Object.entries(fields).map(([field, spec]) => [field, fieldJson(spec)])),
        ...(oneofs[name as MessageName] && { oneofs: { value: { oneof: [...oneofs[name as MessageName]!] } } }),
      },
    ]),
  ),
});

function fieldJson([id, type, rule]: FieldSpec) {
  return {
    id,
    type,
    ...(rule === 'one' ? {} : { rule: 'repeated' }),
    // said for every field: ONNX is proto2, whose lists are unpacked unless they ask for it
    options: { packed: rule === 'packed' },
  };
}

const types = new Map<MessageName, protobuf.Type>();

function typeOf(name: MessageName): protobuf.Type {
  let type = types.get(name);
  if (!type) types.set(name, (type = root.lookupType(name)));
  return type;
}

/** Decodes a message; throws the library's Error where the bytes are damaged. Unknown fields stay in the file only. */
export const decode = <M extends MessageName>(name: M, bytes: Uint8Array): Message<M> =>
  typeOf(name).decode(bytes) as unknown as Message<M>;

export const encodeFields = <M extends MessageName>(name: M, fields: Fields<M>): Uint8Array =>
  typeOf(name).encode(fields).finish();

export const toBigInt = ({ low, high }: Long): bigint => (BigInt(high | 0) << 32n) | BigInt(low >>> 0);

/** Exact below 2^53, where every size in a file that can be read lies. */
export const toNumber = ({ low, high }: Long): number => (high | 0) * 4294967296 + (low >>> 0);

export const toLong = (value: bigint | number): Long => {
  const bits = BigInt.asUintN(64, BigInt(value));
  return { low: Number(bits & 0xffffffffn) | 0, high: Number(bits >> 32n) | 0 };
};
