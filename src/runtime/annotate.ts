/** annotate: the runtime as the shape engine, so that nobody writes shape inference by hand. */
import type { InferenceSession } from 'onnxruntime-node';
import { UserError } from '../errors.js';
import { feeds, valuesByName } from '../ir/graph.js';
import type { Dimension, Graph, TensorType, Value } from '../ir/types.js';
import { builderFor } from '../ops/builder.js';
import { lift } from '../rewrite/lift.js';
import { specialize, symbols } from '../rewrite/specialize.js';
import { substitute } from '../rewrite/substitute.js';
import type { DataType } from '../tensor/dtype.js';
import { defaultSizes, sizesOf } from './default-sizes.js';
import { openSession } from './session.js';
import { showableOutputs } from './showable.js';

type Types = ReadonlyMap<Value, TensorType>;

/** The size of a dimension of an input, or of a symbol elsewhere (axis -1). */
type Resolve = (size: Dimension, axis: number) => Dimension;

/**
 * The types of all values of `graph` (not of its subgraphs) once every dimension has a size: those in `dims`, and sizes that
 * the model accepts for the other symbols. A size that depends on data is null; values that are no tensors, and those of
 * types that the runtime cannot report (bfloat16, float8, ...), are absent. Weights are neither read nor mapped.
 * @throws UserError for an unknown symbol in `dims`, and when the runtime refuses the graph.
 */
export async function annotate(graph: Graph, dims: Readonly<Record<string, number>> = {}): Promise<Types> {
  specialize(graph, dims);
  let failure: unknown;
  for (const guess of defaultSizes) {
    const sizes = new Map([...sizesOf(feeds(graph), guess), ...Object.entries(dims)]);
    const resolve: Resolve = (size, axis) => {
      if (typeof size === 'number') return size;
      if (size !== null && sizes.has(size)) return sizes.get(size)!;
      return axis < 0 ? size : guess(size, axis);
    };
    try {
      return await infer(graph, resolve, (size) => (typeof size === 'number' ? size : null));
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

/**
 * As `annotate`, with the symbols of the graph kept wherever the runtime can follow them; unknown sizes are null.
 * @param declared types of inner values that the runtime cannot find out and should take as given.
 */
export async function annotateSymbolic(graph: Graph, declared: Types = new Map()): Promise<Types> {
  const known = new Set(symbols(graph));
  return infer(
    graph,
    (size) => size,
    (size) => (typeof size === 'number' || known.has(size) ? size : null),
    declared,
  );
}

async function infer(
  graph: Graph,
  resolve: Resolve,
  read: (size: number | string) => Dimension,
  declared: Types = new Map(),
): Promise<Types> {
  const bare = { ...redeclare(graph, resolve, declared), outputs: [] };
  const weights = [...bare.initializers].filter(([, t]) => isLiftable(t.dtype, t.payload.byteLength));
  const open = lift(
    bare,
    weights.map(([value]) => value),
  );
  const reported = await report(open, showableOutputs(open));
  const rankless = await withoutRank(open, reported);

  const byName = valuesByName(graph);
  const types = new Map<Value, TensorType>();
  for (const [value, t] of graph.initializers) types.set(value, { dtype: t.dtype, shape: t.shape });
  for (const value of open.inputs) {
    const original = byName.get(value.name)!;
    if (value.type && !types.has(original)) types.set(original, value.type);
  }
  for (const { name, type, shape } of reported) {
    const dtype = type as DataType;
    types.set(byName.get(name)!, rankless.has(name) ? { dtype } : { dtype, shape: shape.map(read) });
  }
  return types;
}

/**
 * Inputs with resolved sizes, and no types on inner values: what the file says of them may contradict the sizes.
 * Initializers listed among the inputs are dropped there, or the runtime would not take them as constants.
 */
function redeclare(graph: Graph, resolve: Resolve, declared: Types): Graph {
  const twins = new Map<Value, Value>();
  for (const value of valuesByName(graph).values()) if (value.type) twins.set(value, { name: value.name });
  for (const [value, type] of declared) twins.set(value, { name: value.name, type });
  for (const value of feeds(graph)) {
    const { name, type } = value;
    if (!type) throw new UserError('annotate', `expected a type for input '${name}', got none`);
    const shape = type.shape?.map(resolve);
    twins.set(value, { name, type: shape ? { dtype: type.dtype, shape } : type });
  }
  const twinOf = (value: Value): Value => {
    const known = twins.get(value);
    if (known) return known;
    const shape = value.type?.shape?.map((size) => resolve(size, -1));
    const twin = value.type && shape ? { ...value, type: { ...value.type, shape } } : value;
    twins.set(value, twin);
    return twin;
  };
  return substitute({ ...graph, inputs: feeds(graph) }, twinOf);
}

/** Large ones of these types are weights, whose values no shape depends on. */
const isLiftable = (dtype: DataType, bytes: number): boolean =>
  bytes > 4096 && ['float32', 'float64', 'float16', 'int8', 'uint8'].includes(dtype);

type TensorMetadata = InferenceSession.TensorValueMetadata;

/** What the runtime says of `values`; those it cannot show are found by halving and left out. */
async function report(
  graph: Graph,
  values: readonly Value[],
  optimization: 'basic' | 'disabled' = 'basic',
): Promise<TensorMetadata[]> {
  if (values.length === 0) return [];
  try {
    // level basic: lower ones leave sizes unknown, higher ones replace nodes
    const session = await openSession({ ...graph, outputs: values }, { optimization, threads: 1 });
    const metadata = session.outputMetadata;
    await session.release();
    return metadata.filter((output): output is TensorMetadata => output.isTensor);
  } catch (error) {
    // onnxruntime 1.30 inlines an If of constant condition and loses the nodes that its branches capture
    if (optimization === 'basic' && refusalOf(error, /Invalid model/)) return report(graph, values, 'disabled');
    if (!isTypeRefusal(error)) throw error;
    if (values.length === 1) return [];
    const middle = values.length >> 1;
    const halves = [values.slice(0, middle), values.slice(middle)];
    return (await Promise.all(halves.map((half) => report(graph, half, optimization)))).flat();
  }
}

const isTypeRefusal = (error: unknown): boolean => refusalOf(error, /Unsupported data type/);

const refusalOf = (error: unknown, message: RegExp): boolean =>
  error instanceof UserError && error.cause instanceof Error && message.test(error.cause.message);

/** Names of values of unknown rank. The runtime gives them the shape of a scalar; the size of their Shape tells them apart. */
async function withoutRank(graph: Graph, reported: readonly TensorMetadata[]): Promise<ReadonlySet<string>> {
  const suspects = reported.filter(({ shape }) => shape.length === 0).map(({ name }) => name);
  if (suspects.length === 0) return new Set();
  const byName = valuesByName(graph);
  const g = builderFor(graph);
  const names = new Map(suspects.map((name) => [g.op('Shape', [byName.get(name)!]).name, name]));
  const shapes = g.nodes.map((node) => node.outputs[0]!);
  const found = await report(g.appendTo(graph), shapes);
  return new Set(found.filter(({ shape }) => shape[0] !== 0).map(({ name }) => names.get(name)!));
}
