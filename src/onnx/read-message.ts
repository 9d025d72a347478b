/** Decodes the light fields of a message; the heavy ones stay records of the source. */
import { UserError } from '../errors.js';
import { decode, type Message } from './protobuf.js';
import { fieldNumber, type MessageName } from './schema.js';
import { type Body, gather, records, type Span, type WireRecord } from './wire.js';

/** Decodes `spans` (records of the message, or all of it) as one message. */
export function readMessage<M extends MessageName>(
  name: M,
  { source, spans }: Body,
  chosen: readonly Span[] = spans,
): Message<M> {
  try {
    return decode(name, gather(source, chosen));
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const at = spans[0]?.start ?? 0;
    throw new UserError(
      source.name,
      `expected a ${name} at byte ${at}, got damaged bytes (${(cause as Error).message}); the file is damaged`,
      {
        cause,
      },
    );
  }
}

/** Submessages and large payloads that are read on their own, by message. */
export const heavyFields = {
  ModelProto: numbers('ModelProto', ['graph', 'functions', 'trainingInfo']),
  NodeProto: numbers('NodeProto', ['attribute']),
  AttributeProto: numbers('AttributeProto', ['t', 'g', 'tensors', 'graphs', 'sparseTensor', 'sparseTensors']),
  TensorProto: numbers('TensorProto', [
    'rawData',
    'floatData',
    'int32Data',
    'stringData',
    'int64Data',
    'doubleData',
    'uint64Data',
  ]),
  SparseTensorProto: numbers('SparseTensorProto', ['values', 'indices']),
  FunctionProto: numbers('FunctionProto', ['node', 'attributeProto', 'valueInfo']),
} as const;

function numbers<M extends MessageName>(message: M, fields: readonly (keyof Message<M>)[]): ReadonlySet<number> {
  return new Set(fields.map((field) => fieldNumber(message, field as never)));
}

/** The message without its heavy fields; groups, which no field of ONNX is, are left out with them. */
export const readLight = <M extends keyof typeof heavyFields>(
  name: M,
  body: Body,
  all: readonly WireRecord[],
): Message<M> =>
  readMessage(
    name,
    body,
    all.filter(({ field, wire }) => wire !== 3 && !heavyFields[name].has(field)),
  );

/** Records of a submessage or bytes field; with another wire type the number is an unknown field. */
export const delimited = (records: readonly WireRecord[], field: number): WireRecord[] =>
  records.filter((record) => record.field === field && record.wire === 2);

const utf8 = new TextDecoder();

/** One string field of a message, where the rest is not needed. */
export function readString(body: Body, field: number): string {
  const record = delimited(records(body), field).at(-1);
  return record ? utf8.decode(body.source.read(record.payload, record.end - record.payload)) : '';
}
