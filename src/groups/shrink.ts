/** shrink: a graph without the units that are gone, in weights and in the numbers that nodes are given. */
import { type Axis, atomsOf, found, kept, sizeLeft } from '../axes/axis.js';
import { unsupported } from '../errors.js';
import { describe, intAttr } from '../ir/node.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { type Builder, builderFor } from '../ops/builder.js';
import { constantsOf } from '../ops/constants.js';
import { ownCopies } from '../rewrite/own-copies.js';
import { substitute } from '../rewrite/substitute.js';
import { take } from '../tensor/take.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import type { Flows, Held } from './flows.js';
import { follow, type Size } from './follow.js';

/** By the units of a group, 1 where one stays. */
export type Living = ReadonlyMap<Axis, Uint8Array>;

/**
 * Computes what the graph computes with zeros wherever a sum is taken over a unit that is gone. At least one unit of each group has to stay.
 * What loses nothing stays the same tensors and nodes. Nodes that read one ConstantOfShape go on doing so where all of them lose the same.
 * @param of the graph that was looked at, or the one that it is a working copy of.
 * @throws UserError (exit 3) when `of` computes in a function what has to change.
 */
export function shrink(flows: Flows, living: Living, of: Graph = flows.graph): Graph {
  const stays = new Map([...living].map(([axis, units]) => [found(axis), units] as const));
  const isCut = (axis: Axis): boolean => atomsOf(axis).some((atom) => stays.get(atom)?.includes(0));
  const cut = new Map([...flows.axes].flatMap(([{ name }, own]) => (own.some(isCut) ? [[name, own] as const] : [])));
  const changes = changesOf(flows.held, stays, isCut);
  const { tensorOf } = constantsOf(of);
  const small = (value: Value): Tensor | undefined => {
    const [own, stored] = [cut.get(value.name), tensorOf(value)];
    return own && stored && shrunk(stored, own, stays);
  };
  const g = builderFor(of);
  const nodes: Node[] = [];
  const twinOf = twinsAmong(flows.copies, ({ name }) => cut.get(name)?.map((axis) => sizeLeft(axis, stays)));
  const replaced = new Map<Value, Value>();
  for (const node of ownCopies(of).graph.nodes) {
    const emitted = g.nodes.length;
    const name = node.outputs.find((y) => y)?.name ?? '';
    const twin = twinOf(node);
    if (twin) {
      replaced.set(node.outputs[0]!, twin);
      changes.delete(name);
      continue;
    }
    const followed = (changes.get(name) ?? []).reduce((each, change) => follow(g, of, tensorOf, each, change), node);
    changes.delete(name);
    const constant = node.op === 'Constant' ? small(node.outputs[0]!) : undefined;
    const read = node.op === 'Shape' ? cut.get(node.inputs[0]!.name) : undefined;
    const next = constant
      ? { ...node, attrs: { value: { kind: 'tensor', value: constant } as const } }
      : read
        ? wholeSizes(g, followed, read, isCut)
        : followed;
    nodes.push(...g.nodes.slice(emitted), next);
  }
  const [missed] = [...changes.values()].flat();
  if (missed) {
    throw unsupported(
      describe(missed.node),
      'stands in a function or a branch, and would have to follow; inline it first',
    );
  }
  const initializers = new Map([...of.initializers].map(([value, stored]) => [value, small(value) ?? stored] as const));
  const whole = { ...of, nodes, initializers: new Map([...initializers, ...g.initializers]) };
  // what a file says of the sizes of inner values is true no more
  const resized = new Map<Value, Value>();
  return substitute(whole, (given) => {
    const value = replaced.get(given) ?? given;
    if (!cut.has(value.name) || !value.type) return value;
    if (!resized.has(value)) {
      const stored = initializers.get(value);
      const type = stored && { dtype: stored.dtype, shape: stored.shape };
      resized.set(value, { name: value.name, ...(type && { type }) });
    }
    return resized.get(value)!;
  });
}

/**
 * What a graph works out from sizes stays what it was, as in √(width / heads); numbers that stand for sizes are told apart.
 * The last node has the output of the one that it is made of.
 */
function wholeSizes(g: Builder, node: Node, own: readonly Axis[], isCut: (axis: Axis) => boolean): Node {
  const read = own.slice(intAttr(node, 'start', 0), intAttr(node, 'end', own.length));
  if (!read.some(isCut)) return node;
  const sizes = g.op('Shape', node.inputs, node.attrs);
  const shrinks = g.constant(
    tensor(
      'bool',
      [read.length],
      Uint8Array.from(read, (axis) => Number(isCut(axis))),
    ),
  );
  const inputs = [shrinks, g.ints(read.map(({ size }) => size)), sizes];
  return { name: node.name, op: 'Where', domain: '', inputs, outputs: node.outputs, attrs: {} };
}

/** For a copy, one before it of the same sizes: both are made of the same number. */
function twinsAmong(
  copies: Flows['copies'],
  sizesOf: (value: Value) => readonly number[] | undefined,
): (node: Node) => Value | undefined {
  const first = new Map<string, Value>();
  return ({ outputs: [y] }) => {
    const original = y && copies.get(y.name);
    if (original === undefined) return undefined;
    const key = `${sizesOf(y!)} of ${original}`;
    const known = first.get(key);
    if (!known) first.set(key, y!);
    return known;
  };
}

interface Change extends Held {
  readonly counts: readonly Size[];
}

/** By the first output of the node. */
function changesOf(
  held: readonly Held[],
  stays: Living,
  isCut: (axis: Axis) => boolean,
): Map<string, readonly Change[]> {
  const changes = new Map<string, readonly Change[]>();
  for (const each of held) {
    const counts = each.sizes.map((own, i) => ({
      count: own.reduce((all, axis) => all + sizeLeft(axis, stays), 0),
      isChanged: each.by[i]!.some(isCut),
    }));
    if (!counts.some(({ isChanged }) => isChanged)) continue;
    const name = each.node.outputs.find((y) => y)?.name ?? '';
    changes.set(name, [...(changes.get(name) ?? []), { ...each, counts }]);
  }
  return changes;
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
