/** The messages of ONNX 1.22 as data: field numbers and types. What is not listed here is carried along as bytes. */

export type Scalar = 'string' | 'bytes' | 'int32' | 'int64' | 'uint64' | 'float' | 'double';
export type Rule = 'one' | 'many' | 'packed';

/** Field number, type (a scalar or the name of a message), and how often it may stand. Enums are int32 on the wire. */
export type FieldSpec = readonly [number: number, type: string, rule: Rule];

const one = <N extends number, T extends string>(number: N, type: T) => [number, type, 'one'] as const;
const many = <N extends number, T extends string>(number: N, type: T) => [number, type, 'many'] as const;
const packed = <N extends number, T extends string>(number: N, type: T) => [number, type, 'packed'] as const;

export const messages = {
  ModelProto: {
    irVersion: one(1, 'int64'),
    opsetImport: many(8, 'OperatorSetIdProto'),
    producerName: one(2, 'string'),
    producerVersion: one(3, 'string'),
    domain: one(4, 'string'),
    modelVersion: one(5, 'int64'),
    docString: one(6, 'string'),
    graph: one(7, 'GraphProto'),
    metadataProps: many(14, 'StringStringEntryProto'),
    trainingInfo: many(20, 'TrainingInfoProto'),
    functions: many(25, 'FunctionProto'),
    configuration: many(26, 'DeviceConfigurationProto'),
  },
  GraphProto: {
    node: many(1, 'NodeProto'),
    name: one(2, 'string'),
    initializer: many(5, 'TensorProto'),
    sparseInitializer: many(15, 'SparseTensorProto'),
    docString: one(10, 'string'),
    input: many(11, 'ValueInfoProto'),
    output: many(12, 'ValueInfoProto'),
    valueInfo: many(13, 'ValueInfoProto'),
    quantizationAnnotation: many(14, 'TensorAnnotation'),
    metadataProps: many(16, 'StringStringEntryProto'),
  },
  NodeProto: {
    input: many(1, 'string'),
    output: many(2, 'string'),
    name: one(3, 'string'),
    opType: one(4, 'string'),
    domain: one(7, 'string'),
    overload: one(8, 'string'),
    attribute: many(5, 'AttributeProto'),
    docString: one(6, 'string'),
    metadataProps: many(9, 'StringStringEntryProto'),
    deviceConfigurations: many(10, 'NodeDeviceConfigurationProto'),
  },
  AttributeProto: {
    name: one(1, 'string'),
    refAttrName: one(21, 'string'),
    docString: one(13, 'string'),
    type: one(20, 'int32'),
    f: one(2, 'float'),
    i: one(3, 'int64'),
    s: one(4, 'bytes'),
    t: one(5, 'TensorProto'),
    g: one(6, 'GraphProto'),
    sparseTensor: one(22, 'SparseTensorProto'),
    tp: one(14, 'TypeProto'),
    floats: many(7, 'float'),
    ints: many(8, 'int64'),
    strings: many(9, 'bytes'),
    tensors: many(10, 'TensorProto'),
    graphs: many(11, 'GraphProto'),
    sparseTensors: many(23, 'SparseTensorProto'),
    typeProtos: many(15, 'TypeProto'),
  },
  TensorProto: {
    dims: many(1, 'int64'),
    dataType: one(2, 'int32'),
    segment: one(3, 'Segment'),
    floatData: packed(4, 'float'),
    int32Data: packed(5, 'int32'),
    stringData: many(6, 'bytes'),
    int64Data: packed(7, 'int64'),
    name: one(8, 'string'),
    docString: one(12, 'string'),
    rawData: one(9, 'bytes'),
    externalData: many(13, 'StringStringEntryProto'),
    dataLocation: one(14, 'int32'),
    doubleData: packed(10, 'double'),
    uint64Data: packed(11, 'uint64'),
    metadataProps: many(16, 'StringStringEntryProto'),
  },
  Segment: { begin: one(1, 'int64'), end: one(2, 'int64') },
  SparseTensorProto: { values: one(1, 'TensorProto'), indices: one(2, 'TensorProto'), dims: many(3, 'int64') },
  ValueInfoProto: {
    name: one(1, 'string'),
    type: one(2, 'TypeProto'),
    docString: one(3, 'string'),
    metadataProps: many(4, 'StringStringEntryProto'),
  },
  TypeProto: {
    tensorType: one(1, 'TensorTypeProto'),
    sequenceType: one(4, 'SequenceTypeProto'),
    mapType: one(5, 'MapTypeProto'),
    optionalType: one(9, 'OptionalTypeProto'),
    sparseTensorType: one(8, 'SparseTensorTypeProto'),
    denotation: one(6, 'string'),
  },
  TensorTypeProto: { elemType: one(1, 'int32'), shape: one(2, 'TensorShapeProto') },
  SequenceTypeProto: { elemType: one(1, 'TypeProto') },
  MapTypeProto: { keyType: one(1, 'int32'), valueType: one(2, 'TypeProto') },
  OptionalTypeProto: { elemType: one(1, 'TypeProto') },
  SparseTensorTypeProto: { elemType: one(1, 'int32'), shape: one(2, 'TensorShapeProto') },
  TensorShapeProto: { dim: many(1, 'DimensionProto') },
  DimensionProto: { dimValue: one(1, 'int64'), dimParam: one(2, 'string'), denotation: one(3, 'string') },
  FunctionProto: {
    name: one(1, 'string'),
    input: many(4, 'string'),
    output: many(5, 'string'),
    attribute: many(6, 'string'),
    attributeProto: many(11, 'AttributeProto'),
    node: many(7, 'NodeProto'),
    docString: one(8, 'string'),
    opsetImport: many(9, 'OperatorSetIdProto'),
    domain: one(10, 'string'),
    overload: one(13, 'string'),
    valueInfo: many(12, 'ValueInfoProto'),
    metadataProps: many(14, 'StringStringEntryProto'),
  },
  OperatorSetIdProto: { domain: one(1, 'string'), version: one(2, 'int64') },
  StringStringEntryProto: { key: one(1, 'string'), value: one(2, 'string') },
  TensorAnnotation: {
    tensorName: one(1, 'string'),
    quantParameterTensorNames: many(2, 'StringStringEntryProto'),
  },
  TrainingInfoProto: {
    initialization: one(1, 'GraphProto'),
    algorithm: one(2, 'GraphProto'),
    initializationBinding: many(3, 'StringStringEntryProto'),
    updateBinding: many(4, 'StringStringEntryProto'),
  },
  DeviceConfigurationProto: { name: one(1, 'string'), numDevices: one(2, 'int32'), device: many(3, 'string') },
  NodeDeviceConfigurationProto: {
    configurationId: one(1, 'string'),
    shardingSpec: many(2, 'ShardingSpecProto'),
    pipelineStage: one(3, 'int32'),
  },
  ShardingSpecProto: {
    tensorName: one(1, 'string'),
    device: many(2, 'int64'),
    indexToDeviceGroupMap: many(3, 'IntIntListEntryProto'),
    shardedDim: many(4, 'ShardedDimProto'),
  },
  IntIntListEntryProto: { key: one(1, 'int64'), value: many(2, 'int64') },
  ShardedDimProto: { axis: one(1, 'int64'), simpleSharding: many(2, 'SimpleShardedDimProto') },
  SimpleShardedDimProto: { dimValue: one(1, 'int64'), dimParam: one(2, 'string'), numShards: one(3, 'int64') },
} as const satisfies Record<string, Record<string, FieldSpec>>;

export type MessageName = keyof typeof messages;

/** Fields of which only one may be set, by message. */
export const oneofs: Partial<Record<MessageName, readonly string[]>> = {
  TypeProto: ['tensorType', 'sequenceType', 'mapType', 'optionalType', 'sparseTensorType'],
  DimensionProto: ['dimValue', 'dimParam'],
  SimpleShardedDimProto: ['dimValue', 'dimParam'],
};

/** AttributeProto.AttributeType. */
export const attributeTypes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  tensors: 9,
  graphs: 10,
  sparseTensor: 11,
  sparseTensors: 12,
  typeProto: 13,
  typeProtos: 14,
} as const;

/** TensorProto.DataLocation. */
export const externalLocation = 1;

/** The number of a field, for walking records. */
export const fieldNumber = <M extends MessageName>(message: M, field: keyof (typeof messages)[M]): number =>
  (messages[message][field] as unknown as FieldSpec)[0];
