/** Models written by onnx-buf, an independent implementation: one with everything in it, and ones with external data. */
import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType as Type,
} from 'onnx-buf';

/** @param fields of a ModelProto, nested messages as plain objects. */
export const encodeModel = (fields: object): Uint8Array =>
  toBinary(ModelProtoSchema, create(ModelProtoSchema, fields as never));

const utf8 = new TextEncoder();
const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

const props = (name: string) => [{ key: `${name}.key`, value: `${name}.value` }];

const type = (elemType: Type, dims: readonly (number | string)[]) => ({
  value: {
    case: 'tensorType' as const,
    value: {
      elemType,
      shape: {
        dim: dims.map((size) =>
          typeof size === 'string'
            ? { value: { case: 'dimParam' as const, value: size } }
            : { value: { case: 'dimValue' as const, value: BigInt(size) }, denotation: 'D' },
        ),
      },
    },
  },
  denotation: 'TENSOR',
});

/** y = If(flag, x + w, x * w) + c(...): raw, typed and sparse tensors, subgraphs, a function, every kind of annotation. */
export function everything(): Uint8Array {
  const branch = (name: string, op: string) => ({
    name,
    docString: `${name} doc`,
    node: [
      {
        name: `${name}/c`,
        opType: 'Constant',
        output: [`${name}/k`],
        attribute: [
          {
            name: 'value',
            type: AttributeType.TENSOR,
            docString: 'attr doc',
            t: { dims: [2n], dataType: Type.FLOAT, floatData: [1.5, -2], name: 'k' },
          },
        ],
      },
      { name: `${name}/op`, opType: op, input: ['x', 'w'], output: [`${name}/t`], metadataProps: props('inner node') },
      { opType: 'Add', input: [`${name}/t`, `${name}/k`], output: [`${name}/y`] },
    ],
    output: [{ name: `${name}/y`, type: type(Type.FLOAT, ['N', 2]) }],
    valueInfo: [{ name: `${name}/t`, type: type(Type.FLOAT, ['N', 2]) }],
    initializer: [{ name: `${name}/unused`, dims: [2n], dataType: Type.INT64, int64Data: [-1n, 1n << 40n] }],
    metadataProps: props('subgraph'),
  });
  return encodeModel({
    irVersion: 11n,
    producerName: 'maker',
    producerVersion: '1',
    domain: 'org.example',
    modelVersion: 3n,
    docString: 'model doc',
    opsetImport: [
      { domain: '', version: 21n },
      { domain: 'local', version: 1n },
    ],
    metadataProps: [...props('model'), { key: 'b', value: '' }],
    configuration: [{ name: 'conf', numDevices: 2, device: ['a', 'b'] }],
    trainingInfo: [
      {
        initialization: {
          name: 'init',
          initializer: [{ name: 'w', dims: [1n], dataType: Type.FLOAT, floatData: [3] }],
        },
        algorithm: { name: 'alg', node: [{ opType: 'Neg', input: ['w'], output: ['w2'] }] },
        updateBinding: [{ key: 'w', value: 'w2' }],
      },
    ],
    functions: [
      {
        name: 'Twice',
        domain: 'local',
        overload: 'o',
        input: ['a'],
        output: ['b'],
        attribute: ['alpha'],
        attributeProto: [{ name: 'beta', type: AttributeType.FLOAT, f: 2 }],
        node: [
          {
            opType: 'Constant',
            output: ['two'],
            attribute: [{ name: 'value_float', refAttrName: 'beta', type: AttributeType.FLOAT }],
          },
          { opType: 'Mul', input: ['a', 'two'], output: ['b'], docString: 'doubles' },
        ],
        opsetImport: [{ domain: '', version: 21n }],
        valueInfo: [{ name: 'two', type: type(Type.FLOAT, []) }],
        metadataProps: props('function'),
        docString: 'function doc',
      },
    ],
    graph: {
      name: 'main',
      docString: 'graph doc',
      metadataProps: props('graph'),
      input: [
        { name: 'x', type: type(Type.FLOAT, ['N', 2]), docString: 'input doc', metadataProps: props('input') },
        { name: 'flag', type: type(Type.BOOL, []) },
      ],
      output: [{ name: 'y', type: type(Type.FLOAT, ['N', 2]), metadataProps: props('output') }],
      valueInfo: [
        { name: 'chosen', type: type(Type.FLOAT, ['N', 2]), docString: 'inner doc', metadataProps: props('inner') },
        { name: 'nobody', type: type(Type.FLOAT, [1]) },
      ],
      initializer: [
        {
          name: 'w',
          dims: [2n],
          dataType: Type.FLOAT,
          rawData: floats(2, 3),
          docString: 'w doc',
          metadataProps: props('w'),
        },
        { name: 'v', dims: [1n, 2n], dataType: Type.FLOAT, floatData: [0.5, -0.25] },
        { name: 'shape', dims: [2n], dataType: Type.INT64, int64Data: [-1n, 2n] },
        { name: 'half', dims: [3n], dataType: Type.FLOAT16, int32Data: [0x3c00, 0x8000, 0xffff] },
        { name: 'text', dims: [2n], dataType: Type.STRING, stringData: [utf8.encode('a'), new Uint8Array([0xff])] },
      ],
      sparseInitializer: [
        {
          dims: [2n, 2n],
          values: { name: 's', dims: [2n], dataType: Type.FLOAT, rawData: floats(7, 9) },
          indices: { dims: [2n], dataType: Type.INT64, int64Data: [0n, 3n] },
        },
      ],
      quantizationAnnotation: [{ tensorName: 'w', quantParameterTensorNames: [{ key: 'SCALE_TENSOR', value: 'v' }] }],
      node: [
        {
          name: 'choose',
          opType: 'If',
          input: ['flag'],
          output: ['chosen'],
          attribute: [
            { name: 'then_branch', type: AttributeType.GRAPH, g: branch('then', 'Add') },
            { name: 'else_branch', type: AttributeType.GRAPH, g: branch('else', 'Mul') },
          ],
          deviceConfigurations: [
            {
              configurationId: 'conf',
              pipelineStage: 1,
              shardingSpec: [
                {
                  tensorName: 'x',
                  device: [0n, 1n],
                  indexToDeviceGroupMap: [{ key: 1n, value: [1n] }],
                  shardedDim: [
                    { axis: 0n, simpleSharding: [{ numShards: 2n, dim: { case: 'dimParam', value: 'N' } }] },
                  ],
                },
              ],
            },
          ],
        },
        {
          name: 'twice',
          opType: 'Twice',
          domain: 'local',
          overload: 'o',
          input: ['chosen'],
          output: ['twiced'],
          attribute: [{ name: 'alpha', type: AttributeType.INTS, ints: [1n, -(1n << 62n)] }],
        },
        {
          name: 'most',
          opType: 'Constant',
          output: ['v3'],
          attribute: [
            { name: 'value', type: AttributeType.TENSOR, t: { dims: [], dataType: Type.FLOAT, rawData: floats(6) } },
          ],
        },
        {
          name: 'clip',
          opType: 'Clip',
          input: ['twiced', '', 'v3'],
          output: ['clipped'],
          docString: 'node doc',
          metadataProps: props('node'),
        },
        { name: 'add', opType: 'Add', input: ['clipped', 'v'], output: ['summed'] },
        { name: 'product', opType: 'MatMul', input: ['summed', 's'], output: ['y'] },
        {
          name: 'odd',
          opType: 'Odd',
          domain: 'org.example',
          attribute: [
            {
              name: 'st',
              type: AttributeType.SPARSE_TENSOR,
              sparseTensor: {
                dims: [4n],
                values: { dims: [1n], dataType: Type.FLOAT, floatData: [1] },
                indices: { dims: [1n], dataType: Type.INT64, int64Data: [2n] },
              },
            },
            { name: 'tp', type: AttributeType.TYPE_PROTO, tp: type(Type.FLOAT, [1]) },
            { name: 'fs', type: AttributeType.FLOATS, floats: [1, Number.NaN] },
            { name: 'ss', type: AttributeType.STRINGS, strings: [utf8.encode('p'), utf8.encode('')] },
            {
              name: 'ts',
              type: AttributeType.TENSORS,
              tensors: [{ dims: [1n], dataType: Type.DOUBLE, doubleData: [Math.PI] }],
            },
            { name: 'gs', type: AttributeType.GRAPHS, graphs: [branch('one', 'Add'), branch('two', 'Sub')] },
            { name: 'future', t: { dims: [1n], dataType: 99 as Type }, type: AttributeType.TENSOR },
          ],
        },
      ],
    },
  });
}

/** A model whose tensors lie in external files: `[name, location, offset, length]`, float32 vectors. */
export function externalModel(
  tensors: readonly (readonly [
    name: string,
    location: string,
    offset: string | undefined,
    length: string | undefined,
    size: number,
  ])[],
): Uint8Array {
  return encodeModel({
    irVersion: 10n,
    opsetImport: [{ domain: '', version: 21n }],
    graph: {
      name: 'main',
      node: tensors.map(([name]) => ({ opType: 'Identity', input: [name], output: [`${name}/y`] })),
      output: tensors.map(([name, , , , size]) => ({ name: `${name}/y`, type: type(Type.FLOAT, [size]) })),
      initializer: tensors.map(([name, location, offset, length, size]) => ({
        name,
        dims: [BigInt(size)],
        dataType: Type.FLOAT,
        dataLocation: TensorProto_DataLocation.EXTERNAL,
        externalData: [
          { key: 'location', value: location },
          ...(offset === undefined ? [] : [{ key: 'offset', value: offset }]),
          ...(length === undefined ? [] : [{ key: 'length', value: length }]),
          { key: 'checksum', value: 'kept' },
        ],
      })),
    },
  });
}
