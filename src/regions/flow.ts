/** What kind of thing each value of a graph is: fixed, known from shapes alone, an index, or data. */
import { feeds, reads } from '../ir/graph.js';
import { intAttr, isDefaultDomain } from '../ir/node.js';
import type { Graph, Node, TensorType, Value } from '../ir/types.js';
import { dataTypeOf, isFloat } from '../tensor/dtype.js';

/**
 * - `constant`: depends on no graph input;
 * - `shape`: depends on graph inputs only through their shapes (positions, causal masks);
 * - `index`: integers and booleans that depend on input values (token ids, comparisons);
 * - `data`: floating-point values, quantised ones included, that depend on input values.
 */
export type FlowKind = 'constant' | 'shape' | 'index' | 'data';

export interface Flow {
  readonly graph: Graph;
  /** Every value of the graph, those of its subgraphs excepted. */
  readonly kinds: ReadonlyMap<Value, FlowKind>;
  /** Everything a node reads, captures of its subgraphs included; found once because many walks need it. */
  readonly reads: ReadonlyMap<Node, readonly Value[]>;
}

const ranks: Readonly<Record<FlowKind, number>> = { constant: 0, shape: 1, index: 2, data: 3 };

/** Ops whose results are integers or booleans whatever they read. */
const discrete = new Set([
  ...['Shape', 'Size', 'ArgMax', 'ArgMin', 'NonZero', 'NonMaxSuppression', 'IsNaN', 'IsInf', 'Not', 'And', 'Or', 'Xor'],
  ...['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual'],
]);

/** Follows every value from the graph inputs. Types are not needed; what the file or `types` says is used. */
export function followData(graph: Graph, types?: ReadonlyMap<Value, TensorType>): Flow {
  const kinds = new Map<Value, FlowKind>();
  const floats = new Map<Value, boolean>();
  const readsOf = new Map<Node, readonly Value[]>();

  for (const [value, tensor] of graph.initializers) {
    kinds.set(value, 'constant');
    floats.set(value, isFloat(tensor.dtype));
  }
  for (const value of feeds(graph)) {
    const float = declaredFloat(value, types) ?? true;
    kinds.set(value, float ? 'data' : 'index');
    floats.set(value, float);
  }
  for (const node of graph.nodes) {
    const read = reads(node);
    readsOf.set(node, read);
    const strongest = read.map((value) => kinds.get(value) ?? 'constant').reduce(stronger, 'constant');
    const guess = givesFloat(node, read, floats);
    for (const value of node.outputs) {
      if (!value) continue;
      const float = declaredFloat(value, types) ?? guess;
      floats.set(value, float);
      kinds.set(value, resultKind(node, strongest, float));
    }
  }
  return { graph, kinds, reads: readsOf };
}

const stronger = (a: FlowKind, b: FlowKind): FlowKind => (ranks[a] >= ranks[b] ? a : b);

function declaredFloat(value: Value, types: ReadonlyMap<Value, TensorType> | undefined): boolean | undefined {
  const type = types?.get(value) ?? value.type;
  return type && isFloat(type.dtype);
}

function resultKind(node: Node, strongest: FlowKind, float: boolean): FlowKind {
  if (strongest === 'constant') return 'constant';
  if (isDefaultDomain(node.domain)) {
    if (node.op === 'Shape' || node.op === 'Size') return 'shape';
    if (discrete.has(node.op) || (node.op === 'Cast' && !float)) return stronger('shape', weaker(strongest, 'index'));
  }
  // quantised data stays data although its elements are integers
  if (strongest === 'data') return 'data';
  return strongest === 'index' && float ? 'data' : strongest;
}

const weaker = (a: FlowKind, b: FlowKind): FlowKind => (ranks[a] <= ranks[b] ? a : b);

function givesFloat(node: Node, read: readonly Value[], floats: ReadonlyMap<Value, boolean>): boolean {
  if (isDefaultDomain(node.domain)) {
    if (discrete.has(node.op)) return false;
    if (node.op === 'Cast') return castsToFloat(node);
    if (node.op === 'Constant' || node.op === 'ConstantOfShape') return holdsFloat(node);
  }
  return read.some((value) => floats.get(value) === true);
}

function castsToFloat(node: Node): boolean {
  const dtype = dataTypeOf(intAttr(node, 'to', 1));
  return dtype !== undefined && isFloat(dtype);
}

/** A constant without a `value` tensor is a float unless it holds integers or strings. */
function holdsFloat(node: Node): boolean {
  const value = node.attrs.value;
  if (value?.kind === 'tensor') return isFloat(value.value.dtype);
  return !Object.keys(node.attrs).some((name) => /^value_(int|string)/.test(name));
}
