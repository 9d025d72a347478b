/** shrink: a graph without the units that are gone, in weights, in attributes and in the numbers that shapes are made from. */
import { type Axis, atomsOf, found, kept } from '../axes/axis.js';
import { attrs } from '../ir/node.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { type Builder, builderFor } from '../ops/builder.js';
import type { Place } from '../ops/flow.js';
import { substitute } from '../rewrite/substitute.js';
import { take } from '../tensor/take.js';
import { dataOf, type Tensor, tensor } from '../tensor/tensor.js';
import type { Flows } from './flows.js';

/** By the units of a group, 1 where one stays. */
export type Living = ReadonlyMap<Axis, Uint8Array>;

/** A number that a node is given. */
interface Size {
  readonly count: number;
  readonly isChanged: boolean;
}

/**
 * Computes what `graph` computes with zeros wherever a sum is taken over a unit that is gone. At least one unit of each group has to stay.
 * Weights that lose nothing stay the same tensors.
 */
export function shrink({ graph, axes, held }: Flows, living: Living): Graph {
  const stays = new Map([...living].map(([axis, units]) => [found(axis), units] as const));
  const isCut = (axis: Axis): boolean => atomsOf(axis).some((atom) => stays.get(atom)?.includes(0));
  const initializers = new Map(graph.initializers);
  const resized = new Map<Value, Value>();
  for (const [value, own] of axes) {
    if (!own.some(isCut)) continue;
    const stored = initializers.get(value);
    const small = stored && shrunk(stored, own, stays);
    if (small) initializers.set(value, small);
    // what a file says of the sizes of inner values is true no more
    resized.set(value, { name: value.name, ...(small && { type: { dtype: small.dtype, shape: small.shape } }) });
  }
  const sizeOf = (own: readonly Axis[], by: readonly Axis[]): Size => ({
    count: own.reduce((all, axis) => all + positions(axis, stays).length, 0),
    isChanged: by.some(isCut),
  });
  const changes = held
    .map(({ node, place, sizes, by }) => ({ node, place, sizes: sizes.map((own, i) => sizeOf(own, by[i]!)) }))
    .filter(({ sizes }) => sizes.some(({ isChanged }) => isChanged));
  const g = builderFor(graph);
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const own = changes.filter((change) => change.node === node);
    const emitted = g.nodes.length;
    const followed = own.reduce((each, { place, sizes }) => following(g, graph, each, place, sizes), node);
    nodes.push(...g.nodes.slice(emitted), followed);
  }
  const whole = { ...graph, nodes, initializers: new Map([...initializers, ...g.initializers]) };
  return substitute(whole, (value) => resized.get(value) ?? value);
}

function positions(axis: Axis, stays: Living): number[] {
  return Array.from(kept(axis, stays).entries()).flatMap(([at, isKept]) => (isKept ? [at] : []));
}

function shrunk(stored: Tensor, own: readonly Axis[], stays: Living): Tensor {
  return own.reduce((each, axis, at) => {
    const left = positions(axis, stays);
    return left.length === axis.size ? each : take(each, at, left);
  }, stored);
}

/** The node with the numbers it is given made to follow the sizes. */
function following(g: Builder, graph: Graph, node: Node, place: Place, sizes: readonly Size[]): Node {
  if ('attr' in place) return { ...node, attrs: { ...node.attrs, ...attrs({ [place.attr]: sizes[0]!.count }) } };
  const given = node.inputs[place.input];
  if (!given) {
    // parts were equal: they are not any more
    const { num_outputs: _, ...others } = node.attrs;
    return { ...withInput(node, place.input, g.ints(sizes.map(({ count }) => count))), attrs: others };
  }
  const stored = graph.initializers.get(given);
  const followed = stored ? g.constant(withSizes(stored, sizes), 'sizes') : chosen(g, given, sizes);
  return withInput(node, place.input, followed);
}

/** The others keep every bit: an end of 2^63 - 1 is a usual one. */
function withSizes(stored: Tensor, sizes: readonly Size[]): Tensor {
  const numbers = dataOf(stored).slice() as Int32Array | BigInt64Array;
  for (const [i, { count, isChanged }] of sizes.entries()) {
    if (isChanged) numbers[i] = numbers instanceof BigInt64Array ? BigInt(count) : count;
  }
  return tensor(stored.dtype, stored.shape, numbers);
}

/** Numbers that the graph works out, but for those that changed. */
function chosen(g: Builder, given: Value, sizes: readonly Size[]): Value {
  const isChanged = tensor(
    'bool',
    [sizes.length],
    Uint8Array.from(sizes, (size) => Number(size.isChanged)),
  );
  return g.op('Where', [g.constant(isChanged), g.ints(sizes.map(({ count }) => count)), given]);
}

const withInput = (node: Node, at: number, value: Value): Node => ({
  ...node,
  inputs: Array.from({ length: Math.max(node.inputs.length, at + 1) }, (_, i) =>
    i === at ? value : (node.inputs[i] ?? null),
  ),
});
