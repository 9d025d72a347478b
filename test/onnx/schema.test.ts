import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import { file_onnx } from 'onnx-buf';
import { describe, expect, test } from 'vitest';
import { attributeTypes, messages, oneofs } from '../../src/onnx/schema.js';
import { dataTypes } from '../../src/tensor/dtype.js';

/** Messages that ONNX nests have names of their own here. */
const renamed: Record<string, string> = {
  'TensorProto.Segment': 'Segment',
  'TensorShapeProto.Dimension': 'DimensionProto',
  'TypeProto.Tensor': 'TensorTypeProto',
  'TypeProto.Sequence': 'SequenceTypeProto',
  'TypeProto.Map': 'MapTypeProto',
  'TypeProto.Optional': 'OptionalTypeProto',
  'TypeProto.SparseTensor': 'SparseTensorTypeProto',
};

const nameOf = (message: DescMessage): string => {
  const name = message.typeName.replace('onnx.', '');
  return renamed[name] ?? name;
};

const withNested = (message: DescMessage): DescMessage[] => [message, ...message.nestedMessages.flatMap(withNested)];
const published = file_onnx.messages.flatMap(withNested);

const fieldOf = (field: DescField): [number, string, string] => [
  field.number,
  field.message ? nameOf(field.message) : field.enum ? 'int32' : scalarOf(field),
  field.fieldKind !== 'list' ? 'one' : field.packed ? 'packed' : 'many',
];

const scalarOf = (field: DescField): string => {
  const scalar = field.fieldKind === 'list' ? field.listKind === 'scalar' && field.scalar : field.scalar;
  return ScalarType[scalar as ScalarType].toLowerCase();
};

describe('the schema equals the one onnx-buf publishes', () => {
  test('in its messages', () => {
    expect(Object.keys(messages).sort()).toEqual(published.map(nameOf).sort());
  });

  test.each(published.map((message) => [nameOf(message), message] as const))('in the fields of %s', (name, message) => {
    const expected = Object.fromEntries(message.fields.map((field) => [field.localName, fieldOf(field)]));
    expect(messages[name as keyof typeof messages]).toEqual(expected);
    const oneof = message.oneofs.flatMap((group) => group.fields.map(({ localName }) => localName));
    expect([...(oneofs[name as keyof typeof messages] ?? [])].sort()).toEqual(oneof.sort());
  });

  test('in the types of attributes and elements', () => {
    const constants = (typeName: string): Record<string, number> => {
      const found = published.flatMap((message) => message.nestedEnums).find((e) => e.typeName === typeName);
      return Object.fromEntries(found!.values.map(({ name, number }) => [name, number]));
    };
    const camel = (name: string) => name.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    const { UNDEFINED, ...kinds } = constants('onnx.AttributeProto.AttributeType');
    expect(attributeTypes).toEqual(Object.fromEntries(Object.entries(kinds).map(([name, n]) => [camel(name), n])));
    const { UNDEFINED: none, FLOAT, DOUBLE, ...elements } = constants('onnx.TensorProto.DataType');
    expect([UNDEFINED, none]).toEqual([0, 0]);
    expect(Object.fromEntries(Object.entries(dataTypes).map(([name, { code }]) => [name, code]))).toEqual({
      ...Object.fromEntries(Object.entries(elements).map(([name, n]) => [name.toLowerCase(), n])),
      float32: FLOAT,
      float64: DOUBLE,
    });
  });
});
