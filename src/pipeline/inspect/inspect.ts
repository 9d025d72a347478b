/** inspect: what a model is made of and what of it can be pruned, without running it. */
import { realpathSync, statSync } from 'node:fs';
import { UserError } from '../../errors.js';
import { subgraphs } from '../../ir/graph.js';
import type { Graph, Model, Node, TensorType, Value } from '../../ir/types.js';
import { findLayers, type Layer } from '../../ops/layers.js';
import { findRegions, type RegionChoice, type Structure } from '../../regions/index.js';
import { type DataType, sizeOf } from '../../tensor/dtype.js';
import type { Tensor } from '../../tensor/tensor.js';
import { countNonZeros } from '../../tensor/zeros.js';
import { modelLayers } from '../model-layers.js';
import { describeRegions } from './regions.js';
import type {
  InspectedFile,
  InspectedLayer,
  InspectedParameters,
  InspectedType,
  InspectedValue,
  InspectReport,
} from './report.js';
import { sparsityOf } from './sparsity.js';

export type { InspectReport } from './report.js';

export interface InspectOptions {
  /** Lists these regions. */
  readonly regions?: RegionChoice | undefined;
  /** A new file for the regions that are listed. */
  readonly saveRegions?: string | undefined;
  /** Types of inner values by name, for the inputs and outputs of regions; default: what the file says. */
  readonly types?: ReadonlyMap<string, TensorType> | undefined;
  /** Whether zeros are counted, which reads all weights once; default true. */
  readonly zeros?: boolean | undefined;
}

/**
 * Describes a model. External data that is missing or damaged becomes a warning.
 * @throws UserError when regions are asked for in a file that does not fit the model.
 */
export function inspect(model: Model, options: InspectOptions = {}): InspectReport {
  const { graph } = model;
  const bodies = [...graphsIn(graph), ...graph.functions.flatMap(({ body }) => [...graphsIn(body)])];
  const nodes = bodies.flatMap((body) => body.nodes);
  const tensors = new Set(bodies.flatMap(tensorsOf));
  const warnings = new Set<string>();
  const nonZeros = options.zeros === false ? new Map<Tensor, number>() : countAll(tensors, warnings);

  // a model that cannot be brought to one form is described as it is
  const found = attempt(() => modelLayers(graph), warnings);
  const { layers, skipped } = found ?? findLayers(graph);
  const structure = findRegions(found?.flat ?? graph, layers);
  return {
    schemaVersion: 1,
    kind: 'inspect',
    model: describeFile(model, tensors, warnings),
    inputs: graph.inputs.filter((value) => !graph.initializers.has(value)).map(describeValue),
    outputs: graph.outputs.map(describeValue),
    ops: countOps(nodes),
    nodes: nodes.length,
    parameters: describeParameters(tensors, nonZeros),
    layers: layers.map((layer) => describeLayer(layer, structure, nonZeros)),
    skipped: skipped.map(({ node, reason }) => ({ op: node.op, node: nameOf(node), reason })),
    ...(options.regions === undefined ? {} : describeRegions(structure, { ...options, regions: options.regions })),
    warnings: [...warnings],
  };
}

function* graphsIn(graph: Graph): Generator<Graph> {
  yield graph;
  for (const node of graph.nodes) for (const body of subgraphs(node)) yield* graphsIn(body);
}

function tensorsOf(graph: Graph): Tensor[] {
  const held = graph.nodes.flatMap((node) =>
    Object.values(node.attrs).flatMap((attr) =>
      attr.kind === 'tensor' ? [attr.value] : attr.kind === 'tensors' ? attr.value : [],
    ),
  );
  return [...graph.initializers.values(), ...held];
}

/** What cannot be read is left out, and said once per reason. */
function countAll(tensors: Iterable<Tensor>, warnings: Set<string>): Map<Tensor, number> {
  const counts = new Map<Tensor, number>();
  for (const tensor of tensors) {
    const count = attempt(() => countNonZeros(tensor), warnings);
    if (typeof count === 'number') counts.set(tensor, count);
  }
  return counts;
}

function attempt<T>(read: () => T, warnings: Set<string>): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    warnings.add(error.message);
    return undefined;
  }
}

function describeFile(model: Model, tensors: Iterable<Tensor>, warnings: Set<string>): InspectedFile {
  const { graph, path } = model;
  const files = new Set([...tensors].flatMap(({ payload }) => attempt(() => payload.file?.path, warnings) ?? []));
  const externalData = [...files]
    .filter((file) => path === undefined || realpathSync(file) !== realpathSync(path))
    .map((file) => ({ path: file, bytes: statSync(file).size }));
  const own =
    path === undefined ? {} : { path, bytes: sum([statSync(path).size, ...externalData.map(({ bytes }) => bytes)]) };
  return {
    ...own,
    externalData,
    irVersion: model.irVersion,
    opsets: Object.fromEntries([...graph.opsets].map(([domain, version]) => [domain || 'ai.onnx', version])),
    producer: model.producer,
    graph: graph.name,
    metadata: Object.fromEntries(model.metadata),
    functions: graph.functions.map(({ domain, name }) => `${domain}.${name}`),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const describeValue = ({ name, type }: Value): InspectedValue => ({
  name,
  ...(type ? { dtype: type.dtype, ...(type.shape ? { shape: type.shape } : {}) } : {}),
});

function countOps(nodes: readonly Node[]): InspectReport['ops'] {
  const counts = new Map<string, { op: string; domain: string; count: number }>();
  for (const { op, domain } of nodes) {
    const key = `${domain} ${op}`;
    const entry = counts.get(key) ?? { op, domain, count: 0 };
    counts.set(key, { ...entry, count: entry.count + 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || (a.op < b.op ? -1 : 1));
}

function describeParameters(tensors: Iterable<Tensor>, nonZeros: ReadonlyMap<Tensor, number>): InspectedParameters {
  const byType = new Map<DataType, Tensor[]>();
  for (const tensor of tensors) {
    const group = byType.get(tensor.dtype);
    if (group) group.push(tensor);
    else byType.set(tensor.dtype, [tensor]);
  }
  const types = [...byType].map(([dtype, group]): InspectedType => {
    const counts = group.map((tensor) => nonZeros.get(tensor));
    const isCounted = counts.every((count) => count !== undefined);
    return {
      dtype,
      tensors: group.length,
      elements: sum(group.map(({ shape }) => sizeOf(shape))),
      bytes: sum(group.map(bytesOf)),
      ...(isCounted ? { nonZero: sum(counts) } : {}),
    };
  });
  types.sort((a, b) => b.bytes - a.bytes);
  return {
    tensors: sum(types.map((type) => type.tensors)),
    elements: sum(types.map(({ elements }) => elements)),
    bytes: sum(types.map(({ bytes }) => bytes)),
    byType: types,
  };
}

const bytesOf = ({ payload, strings = [] }: Tensor): number =>
  payload.byteLength + sum(strings.map(({ byteLength }) => byteLength));

function describeLayer(layer: Layer, structure: Structure, nonZeros: ReadonlyMap<Tensor, number>): InspectedLayer {
  const { name, uses, stored, dtype, layout } = layer;
  const node = uses[0]!.node;
  const { stacks, rows, columns } = layout;
  const nonZero = nonZeros.get(stored);
  const left = structure.leftByDefault.get(layer);
  return {
    name,
    op: node.op,
    node: nameOf(node),
    uses: uses.length,
    shape: stored.shape,
    dtype,
    stacks,
    rows,
    columns,
    ...(nonZero === undefined ? {} : sparsityOf(layer, nonZero)),
    ...(left === undefined ? {} : { leftByDefault: left }),
  };
}

const nameOf = (node: Node): string => node.name || (node.outputs.find((value) => value)?.name ?? '');
