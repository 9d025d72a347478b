/** GraphProto and FunctionProto to graphs: names become shared values, inner graphs see the scopes around them. */
import { UserError } from '../errors.js';
import type { FunctionDefinition, Graph, Node, Value } from '../ir/types.js';
import type { ExternalFiles } from './external-data.js';
import { type Message, toNumber } from './protobuf.js';
import { readAttribute } from './read-attribute.js';
import { delimited, readLight, readMessage } from './read-message.js';
import { type NamedTensor, readSparseTensor, readTensor } from './read-tensor.js';
import { fieldNumber } from './schema.js';
import { makeValue } from './value-info.js';
import { type Body, bodyOf, records, type WireRecord } from './wire.js';

/** What everything inside one model shares. */
export interface Reading {
  readonly files: ExternalFiles;
  readonly functions: readonly FunctionDefinition[];
}

/** Values by name, those of the enclosing graphs included. */
export class Scope {
  readonly #values = new Map<string, Value>();

  constructor(
    readonly opsets: ReadonlyMap<string, number>,
    readonly outer?: Scope,
    readonly depth = 0,
  ) {}

  lookup(name: string): Value | undefined {
    return this.#values.get(name) ?? this.outer?.lookup(name);
  }

  /** The local value of that name, made on first sight. */
  define(name: string, type?: Parameters<typeof makeValue>[1]): Value {
    let value = this.#values.get(name);
    if (!value) this.#values.set(name, (value = makeValue(name, type)));
    return value;
  }
}

/** Where a node was read from. Saving looks here for the bytes of everything that did not change. */
export interface NodeOrigin {
  /** The node as it was read. */
  readonly node: Node;
  readonly body: Body;
}

/** The reference parsers stop at a hundred messages inside each other; a level of graphs takes three. */
const deepestGraph = 32;

const graphField = (name: keyof Message<'GraphProto'>): number => fieldNumber('GraphProto', name);

export function readGraph(body: Body, reading: Reading, scope: Scope): Graph {
  if (scope.depth > deepestGraph) {
    throw new UserError(
      body.source.name,
      `expected at most ${deepestGraph} graphs inside each other, got more; export the model again`,
    );
  }
  const { source } = body;
  const all = records(body);
  const of = (field: keyof Message<'GraphProto'>) => delimited(all, graphField(field)).map((r) => bodyOf(source, [r]));
  const infos = (field: 'input' | 'output' | 'valueInfo') => of(field).map((b) => readMessage('ValueInfoProto', b));
  const [inputInfos, outputInfos, valueInfos] = [infos('input'), infos('output'), infos('valueInfo')];
  const types = new Map([...valueInfos, ...outputInfos].map(({ name, type }) => [name, type]));
  const inputs = inputInfos.map(({ name, type }) => scope.define(name, type ?? types.get(name)));
  const tensors: NamedTensor[] = [
    ...of('initializer').map((b) => readTensor(b, reading.files)),
    ...of('sparseInitializer').map((b) => readSparseTensor(b, reading.files)),
  ];
  const initializers = new Map(
    tensors.map(({ name, tensor }) => [scope.define(name, { dtype: tensor.dtype, shape: tensor.shape }), tensor]),
  );
  const nodes = readNodes(source, delimited(all, graphField('node')), types, reading, scope);
  const { name } = readMessage('GraphProto', body, delimited(all, graphField('name')));
  return {
    name,
    inputs,
    outputs: outputInfos.map((info) => scope.lookup(info.name) ?? scope.define(info.name, info.type)),
    nodes,
    initializers,
    opsets: scope.opsets,
    functions: reading.functions,
  };
}

type Types = ReadonlyMap<string, Message<'TypeProto'> | null>;

function readNodes(
  source: Body['source'],
  found: readonly WireRecord[],
  types: Types,
  reading: Reading,
  scope: Scope,
): Node[] {
  const read = found.map((record) => {
    const body = bodyOf(source, [record]);
    const all = records(body);
    return { body, all, light: readLight('NodeProto', body, all) };
  });
  // all outputs first: a capture may stand in an inner graph before the order of nodes reaches its producer
  for (const { light } of read) for (const name of light.output) if (name) scope.define(name, types.get(name));
  const resolve = (name: string) => (name === '' ? null : (scope.lookup(name) ?? scope.define(name, types.get(name))));
  return read.map(({ body, all, light }) => {
    const attributes = delimited(all, fieldNumber('NodeProto', 'attribute')).map((record) =>
      readAttribute(bodyOf(source, [record]), reading, scope),
    );
    const node = {
      name: light.name,
      op: light.opType,
      domain: light.domain,
      inputs: light.input.map(resolve),
      outputs: light.output.map((name) => (name === '' ? null : scope.define(name))),
      attrs: Object.fromEntries(attributes.map(({ name, attr }) => [name, attr])),
      ...(light.overload === '' ? {} : { overload: light.overload }),
    };
    return withOrigin(node, body);
  });
}

function withOrigin(node: Node, body: Body): Node {
  const origin: { node: Node; body: Body } = { node, body };
  const made = { ...node, origin };
  origin.node = made;
  return made;
}

export function readFunction(body: Body, reading: Reading): FunctionDefinition {
  const { source } = body;
  const all = records(body);
  const light = readLight('FunctionProto', body, all);
  const of = (field: keyof Message<'FunctionProto'>) => delimited(all, fieldNumber('FunctionProto', field));
  const infos = of('valueInfo').map((record) => readMessage('ValueInfoProto', bodyOf(source, [record])));
  const types: Types = new Map(infos.map(({ name, type }) => [name, type]));
  const opsets = readOpsets(light.opsetImport);
  const scope = new Scope(opsets);
  const inputs = light.input.map((name) => scope.define(name, types.get(name)));
  const nodes = readNodes(source, of('node'), types, reading, scope);
  const defaults = of('attributeProto').map((record) => readAttribute(bodyOf(source, [record]), reading, scope));
  return {
    domain: light.domain,
    name: light.name,
    overload: light.overload,
    attributes: light.attribute,
    defaults: Object.fromEntries(defaults.map(({ name, attr }) => [name, attr])),
    body: {
      name: light.name,
      inputs,
      outputs: light.output.map((name) => scope.lookup(name) ?? scope.define(name, types.get(name))),
      nodes,
      initializers: new Map(),
      opsets,
      functions: reading.functions,
    },
  };
}

/** '' and 'ai.onnx' both name the default domain; the graph calls it ''. */
export const readOpsets = (imports: Message<'ModelProto'>['opsetImport']): Map<string, number> =>
  new Map(imports.map(({ domain, version }) => [domain === 'ai.onnx' ? '' : domain, toNumber(version)]));
