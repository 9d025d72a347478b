/** AttributeProto to the graph's attributes. */
import type { Attr } from '../ir/types.js';
import { dataTypeOf } from '../tensor/dtype.js';
import { type Message, toBigInt } from './protobuf.js';
import { type Reading, readGraph, Scope } from './read-graph.js';
import { delimited, readLight } from './read-message.js';
import { readTensor } from './read-tensor.js';
import { attributeTypes, fieldNumber } from './schema.js';
import { type Body, bodyOf, gather, records, type WireRecord } from './wire.js';

export function readAttribute(body: Body, reading: Reading, scope: Scope): { name: string; attr: Attr } {
  const all = records(body);
  const light = readLight('AttributeProto', body, all);
  return { name: light.name, attr: attrOf(body, all, light, reading, scope) };
}

function attrOf(
  body: Body,
  all: readonly WireRecord[],
  light: Message<'AttributeProto'>,
  reading: Reading,
  scope: Scope,
): Attr {
  if (light.refAttrName !== '') return { kind: 'reference', value: light.refAttrName };
  const of = (field: keyof Message<'AttributeProto'>) => delimited(all, fieldNumber('AttributeProto', field));
  // written in pieces, a field that stands once is one message; one that stands many times is a message each
  const merged = (field: 't' | 'g') => bodyOf(body.source, of(field));
  const each = (field: 'tensors' | 'graphs') => of(field).map((record) => bodyOf(body.source, [record]));
  const graph = (inner: Body) => readGraph(inner, reading, new Scope(scope.opsets, scope, scope.depth + 1));
  const opaque = (): Attr => ({ kind: 'opaque', value: gather(body.source, body.spans).slice() });
  switch (light.type || impliedType(light, all)) {
    case attributeTypes.float:
      return { kind: 'float', value: light.f };
    case attributeTypes.int:
      return { kind: 'int', value: toBigInt(light.i) };
    case attributeTypes.string:
      // the library's default for absent bytes is a plain array
      return { kind: 'string', value: Uint8Array.from(light.s) };
    case attributeTypes.floats:
      return { kind: 'floats', value: light.floats };
    case attributeTypes.ints:
      return { kind: 'ints', value: light.ints.map(toBigInt) };
    case attributeTypes.strings:
      return { kind: 'strings', value: light.strings };
    case attributeTypes.tensor:
      return isReadable(merged('t'))
        ? { kind: 'tensor', value: readTensor(merged('t'), reading.files).tensor }
        : opaque();
    case attributeTypes.tensors:
      return each('tensors').every(isReadable)
        ? { kind: 'tensors', value: each('tensors').map((b) => readTensor(b, reading.files).tensor) }
        : opaque();
    case attributeTypes.graph:
      return { kind: 'graph', value: graph(merged('g')) };
    case attributeTypes.graphs:
      return { kind: 'graphs', value: each('graphs').map(graph) };
    default:
      return opaque();
  }
}

/** Files of IR version 1 state no type: the field that is set tells it. */
function impliedType(light: Message<'AttributeProto'>, all: readonly WireRecord[]): number {
  const isSet = (field: keyof Message<'AttributeProto'>) =>
    all.some((record) => record.field === fieldNumber('AttributeProto', field));
  const fields = {
    f: 'float',
    i: 'int',
    s: 'string',
    t: 'tensor',
    g: 'graph',
    floats: 'floats',
    ints: 'ints',
    strings: 'strings',
    tensors: 'tensors',
    graphs: 'graphs',
  } as const;
  for (const [field, type] of Object.entries(fields)) {
    if (isSet(field as keyof typeof fields)) return attributeTypes[type];
  }
  return light.type;
}

/** Element types from the future, and segments, pass through as bytes: only who needs the values must refuse. */
function isReadable(body: Body): boolean {
  const { dataType, segment } = readLight('TensorProto', body, records(body));
  return dataTypeOf(dataType) !== undefined && !segment;
}
