/** permuted: a graph whose units stand in another order, everywhere they lie: it computes the same. */
import { type Axis, atomsOf, found, isUnordered, ordered } from '../axes/axis.js';
import { unsupported } from '../errors.js';
import type { Graph, Value } from '../ir/types.js';
import { constantsOf } from '../ops/constants.js';
import { bake } from '../rewrite/bake.js';
import { storedValues } from '../rewrite/stored-values.js';
import { dataTypes } from '../tensor/dtype.js';
import { take } from '../tensor/take.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Flows } from './flows.js';
import { type Group, groupsOf } from './groups.js';

/** By what stands for the units of a group, where each of them was before. */
export type Orders = ReadonlyMap<Axis, readonly number[]>;

/** Groups whose units may change places in `of`: all that holds them is stored there, in elements of whole bytes. */
export function movableGroups(flows: Flows, of: Graph = flows.graph): Group[] {
  const stored = storedValues(of);
  const { tensorOf } = constantsOf(of);
  const canMove = ({ name }: Value): boolean => {
    const place = stored.get(name);
    const tensor = place && tensorOf(place);
    return tensor !== undefined && !tensor.strings && dataTypes[tensor.dtype].bits % 8 === 0;
  };
  const isStored = (value: Value): boolean => flows.graph.initializers.has(value);
  return groupsOf(flows, isUnordered).filter(({ weights }) =>
    weights.every(({ value }) => !isStored(value) || canMove(value)),
  );
}

/**
 * Unit `i` of a group is the one that was at `orders[i]`. What does not move stays the same tensors.
 * @param of the graph that was looked at, or the one that it is a working copy of.
 * @throws UserError (exit 3) when `of` stores in a function or a branch what has to move.
 */
export function permuted(flows: Flows, orders: Orders, of: Graph = flows.graph): Graph {
  return bake(of, movedTensors(flows, orders, of));
}

/** The tensors of `of` that are others in this order. */
export function movedTensors(flows: Flows, orders: Orders, of: Graph = flows.graph): Map<Value, Tensor> {
  const given = new Map([...orders].map(([units, order]) => [found(units), order] as const));
  const moves = (axis: Axis): boolean =>
    atomsOf(axis).some((atom) => given.get(atom)?.some((from, at) => from !== at) ?? false);
  const stored = storedValues(of);
  const { tensorOf } = constantsOf(of);
  const moved = new Map<Value, Tensor>();
  for (const value of flows.graph.initializers.keys()) {
    const axes = flows.axes.get(value) ?? [];
    if (!axes.some(moves)) continue;
    const place = stored.get(value.name);
    const tensor = place && tensorOf(place);
    if (!tensor) {
      throw unsupported(
        `'${value.name}'`,
        'holds units that would change places, and is stored in a function or a branch; inline it first',
      );
    }
    const inOrder = axes.reduce(
      (each, axis, at) => (moves(axis) ? take(each, at, ordered(axis, given)) : each),
      tensor,
    );
    moved.set(place, inOrder);
  }
  return moved;
}
