/** Graphs, nodes, attributes, tensors and functions as fresh protobuf bytes: every field in its canonical place. */
import { UserError } from '../errors.js';
import type { Attr, FunctionDefinition, Graph, Node, Value } from '../ir/types.js';
import { dataTypes } from '../tensor/dtype.js';
import type { Tensor } from '../tensor/tensor.js';
import type { ExternalPlace } from './external-data.js';
import { encodeFields, type Fields, toLong } from './protobuf.js';
import { Rope } from './rope.js';
import { attributeTypes, externalLocation, fieldNumber } from './schema.js';
import { encodeSparse } from './sparse.js';
import { encodeValueInfo } from './value-info.js';

/** Where a weight's bytes lie instead of in the model, if they do, or that it is written sparse. */
export type PlaceOf = (tensor: Tensor, name: string) => Required<ExternalPlace> | 'sparse' | undefined;

const inline: PlaceOf = () => undefined;

export function writeGraph(graph: Graph, placeOf: PlaceOf = inline): Rope {
  const number = (field: Parameters<typeof fieldNumber<'GraphProto'>>[1]) => fieldNumber('GraphProto', field);
  const rope = new Rope();
  for (const node of graph.nodes) rope.field(number('node'), writeNode(node, placeOf));
  rope.bytes(encodeFields('GraphProto', { name: graph.name }));
  for (const [value, tensor] of graph.initializers) {
    const place = placeOf(tensor, value.name);
    const field = number(place === 'sparse' ? 'sparseInitializer' : 'initializer');
    rope.field(field, writeInitializer(tensor, value.name, place));
  }
  for (const value of graph.inputs) rope.field(number('input'), encodeValueInfo(value));
  for (const value of graph.outputs) rope.field(number('output'), encodeValueInfo(value));
  return rope;
}

export function writeNode(node: Node, placeOf: PlaceOf = inline): Rope {
  const rope = new Rope().bytes(
    encodeFields('NodeProto', {
      input: node.inputs.map(nameOf),
      output: node.outputs.map(nameOf),
      ...(node.name === '' ? {} : { name: node.name }),
      opType: node.op,
    }),
  );
  for (const [name, attr] of Object.entries(node.attrs)) {
    rope.field(fieldNumber('NodeProto', 'attribute'), writeAttribute(name, attr, placeOf));
  }
  return rope.bytes(
    encodeFields('NodeProto', {
      ...(node.domain === '' ? {} : { domain: node.domain }),
      ...(node.overload ? { overload: node.overload } : {}),
    }),
  );
}

export const nameOf = (value: Value | null): string => value?.name ?? '';

export function writeAttribute(name: string, attr: Attr, placeOf: PlaceOf = inline): Rope {
  if (attr.kind === 'opaque') return new Rope().bytes(attr.value);
  return new Rope().bytes(encodeFields('AttributeProto', { name })).rope(writeAttributeValue(attr, placeOf));
}

/** All of an attribute but its name. */
export function writeAttributeValue(attr: Exclude<Attr, { kind: 'opaque' }>, placeOf: PlaceOf = inline): Rope {
  const rope = new Rope();
  const number = (field: 't' | 'g' | 'tensors' | 'graphs') => fieldNumber('AttributeProto', field);
  const light = (fields: Fields<'AttributeProto'>) => rope.bytes(encodeFields('AttributeProto', fields));
  switch (attr.kind) {
    case 'reference':
      return light({ refAttrName: attr.value });
    case 'float':
      light({ f: attr.value });
      break;
    case 'int':
      light({ i: toLong(attr.value) });
      break;
    case 'string':
      light({ s: attr.value });
      break;
    case 'floats':
      light({ floats: attr.value });
      break;
    case 'ints':
      light({ ints: attr.value.map(toLong) });
      break;
    case 'strings':
      light({ strings: attr.value });
      break;
    case 'tensor':
      rope.field(number('t'), writeTensor(attr.value));
      break;
    case 'tensors':
      for (const tensor of attr.value) rope.field(number('tensors'), writeTensor(tensor));
      break;
    case 'graph':
      rope.field(number('g'), writeGraph(attr.value, placeOf));
      break;
    case 'graphs':
      for (const graph of attr.value) rope.field(number('graphs'), writeGraph(graph, placeOf));
  }
  return light({ type: attributeTypes[attr.kind] });
}

/** The message of a field `initializer`, or `sparse_initializer` for one that is written sparse. */
export function writeInitializer(tensor: Tensor, name: string, place: ReturnType<PlaceOf>): Rope {
  if (place !== 'sparse') return writeTensor(tensor, name, place);
  const { storage, shape } = tensor;
  const { values, indices } = encodeSparse(tensor, storage?.kind === 'sparse' && storage.indices === 'coordinates');
  const number = (field: 'values' | 'indices') => fieldNumber('SparseTensorProto', field);
  return new Rope()
    .field(number('values'), writeTensor(values, name))
    .field(number('indices'), writeTensor(indices))
    .bytes(encodeFields('SparseTensorProto', { dims: shape.map(toLong) }));
}

export function writeTensor(tensor: Tensor, name = '', place?: Required<ExternalPlace>): Rope {
  const { dtype, shape, payload } = tensor;
  const light: Fields<'TensorProto'> = { dims: shape.map(toLong), dataType: dataTypes[dtype].code };
  const named = name === '' ? light : { ...light, name };
  if (dtype === 'string') {
    return new Rope().bytes(encodeFields('TensorProto', { ...named, stringData: tensor.strings ?? [] }));
  }
  if (place) {
    return new Rope().bytes(
      encodeFields('TensorProto', { ...named, externalData: placeEntries(place), dataLocation: externalLocation }),
    );
  }
  return new Rope()
    .bytes(encodeFields('TensorProto', named))
    .field(fieldNumber('TensorProto', 'rawData'), new Rope().payload(payload));
}

export const placeEntries = ({ location, offset, length }: Required<ExternalPlace>) => [
  { key: 'location', value: location },
  { key: 'offset', value: `${offset}` },
  { key: 'length', value: `${length}` },
];

export function writeFunction(definition: FunctionDefinition): Rope {
  const { body } = definition;
  if (body.initializers.size > 0) {
    throw new UserError(`function '${definition.name}'`, 'expected no initializers; make them Constant nodes');
  }
  const number = (field: 'node' | 'attributeProto') => fieldNumber('FunctionProto', field);
  const rope = new Rope().bytes(
    encodeFields('FunctionProto', {
      name: definition.name,
      input: body.inputs.map(nameOf),
      output: body.outputs.map(nameOf),
      attribute: definition.attributes,
    }),
  );
  for (const node of body.nodes) rope.field(number('node'), writeNode(node));
  rope.bytes(encodeFields('FunctionProto', { opsetImport: opsetEntries(body.opsets), domain: definition.domain }));
  for (const [name, attr] of Object.entries(definition.defaults)) {
    rope.field(number('attributeProto'), writeAttribute(name, attr));
  }
  return rope.bytes(encodeFields('FunctionProto', definition.overload ? { overload: definition.overload } : {}));
}

export const opsetEntries = (opsets: ReadonlyMap<string, number>) =>
  [...opsets].map(([domain, version]) => ({ domain, version: toLong(version) }));
