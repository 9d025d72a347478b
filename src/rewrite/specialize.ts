/** specialize: symbolic dimensions become numbers. */
import { UserError } from '../errors.js';
import { subgraphs } from '../ir/graph.js';
import type { Dimension, Graph, Value } from '../ir/types.js';
import { substitute } from './substitute.js';

/**
 * `graph` with the named dimensions set in the types of all values, subgraphs included; other symbols are left. A value
 * whose type changes becomes a new object of the same name.
 * @param dims sizes by symbol, such as `{ batch: 8, sequence: 128 }`; 0 is a size (an empty key-value cache).
 * @throws UserError for an unknown symbol, naming the known ones, and for a size that is not a whole number.
 */
export function specialize(graph: Graph, dims: Readonly<Record<string, number>>): Graph {
  checkDims(dims, symbols(graph));
  return retype(graph, (size) => (typeof size === 'string' ? (dims[size] ?? size) : size));
}

/** Names of the symbolic dimensions in the types of a graph, in order of appearance, inputs first. */
export function symbols(graph: Graph): string[] {
  const found = new Set<string>();
  for (const { type } of typedValues(graph)) {
    for (const size of type?.shape ?? []) if (typeof size === 'string') found.add(size);
  }
  return [...found];
}

/** `graph` with every dimension of every type replaced by `change(dimension)`. */
export function retype(graph: Graph, change: (size: Dimension) => Dimension): Graph {
  const changed = new Map<Value, Value>();
  for (const value of typedValues(graph)) {
    const shape = value.type?.shape;
    if (!value.type || !shape?.some((size) => change(size) !== size)) continue;
    changed.set(value, { ...value, type: { ...value.type, shape: shape.map(change) } });
  }
  return substitute(graph, (value) => changed.get(value) ?? value);
}

function checkDims(dims: Readonly<Record<string, number>>, known: readonly string[]): void {
  for (const [name, size] of Object.entries(dims)) {
    if (!known.includes(name)) {
      const offer =
        known.length > 0 ? `known dimensions are ${known.join(', ')}` : 'the graph has no symbolic dimension';
      throw new UserError('specialize', `expected a symbolic dimension of the graph, got '${name}'; ${offer}`);
    }
    if (!Number.isInteger(size) || size < 0) {
      throw new UserError('specialize', `expected a whole number for '${name}', got ${size}`);
    }
  }
}

function* typedValues(graph: Graph): Generator<Value> {
  yield* graph.inputs;
  yield* graph.initializers.keys();
  yield* graph.outputs;
  for (const node of graph.nodes) {
    for (const value of node.outputs) if (value) yield value;
    for (const body of subgraphs(node)) yield* typedValues(body);
  }
}
