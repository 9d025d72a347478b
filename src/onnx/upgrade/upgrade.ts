/** What an upgrade of one op to the common opset is. */
import { unsupported } from '../../errors.js';
import { describe } from '../../ir/node.js';
import type { Attr, Node, Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
import { tensorOf } from '../../tensor/convert.js';
import type { Tensor } from '../../tensor/tensor.js';

export interface UpgradeContext {
  /** For fresh names and constants; nodes are returned, not emitted into it. */
  readonly g: Builder;
  /** The opset the node was written for. */
  readonly opset: number;
  /** The tensor of an initializer or Constant node. */
  tensorOf(value: Value): Tensor | undefined;
  /** Whether a value is read by anything. */
  isRead(value: Value): boolean;
}

/** An op's forms from opset 7 on, as that of opset 21. */
export interface Upgrade {
  /** Nodes written for this opset or a later one need nothing. */
  readonly below: number;
  /** The nodes that do in opset 21 what this one did; they define the same outputs. */
  apply(node: Node, context: UpgradeContext): readonly Node[];
}

/** `node` with other inputs and without some attributes; it is no longer the one in the file. */
export function changed(
  node: Node,
  { without = [], ...change }: Partial<Node> & { readonly without?: readonly string[] },
): Node {
  const { origin: _, ...rest } = { ...node, ...change };
  const kept = Object.entries(rest.attrs).filter(([name]) => !without.includes(name));
  return { ...rest, attrs: Object.fromEntries(kept) };
}

/** A node of the default domain; without a name, which need not be unique then. */
export const plain = (
  op: string,
  inputs: readonly (Value | null)[],
  outputs: readonly Value[],
  attrs: Readonly<Record<string, Attr>> = {},
): Node => ({ name: '', op, domain: '', inputs, outputs, attrs });

/** A scalar of the type of `like`, float32 where that is unknown: the runtime refuses it where that is wrong. */
export const scalarLike = (g: Builder, like: Value, value: number): Value =>
  g.constant(tensorOf(like.type?.dtype ?? 'float32', [], Float32Array.of(value)));

/** The same where the type is unknown; that of `like` then decides when the graph runs. */
export const numberLike = (g: Builder, like: Value, value: number): Value =>
  like.type ? scalarLike(g, like, value) : g.op('CastLike', [scalarLike(g, like, value), like]);

/** What `emit` adds to `g`, which is taken out of it again; the values that it returns take the places of the node's outputs. */
export function emitted(g: Builder, node: Node, emit: () => readonly (Value | undefined)[]): readonly Node[] {
  const before = g.nodes.length;
  const made = emit();
  const nodes = g.nodes.splice(before);
  const own = new Set(nodes.flatMap(({ outputs }) => outputs));
  const renamed = new Map<Value | null, Value>();
  const copies: Node[] = [];
  for (const [i, output] of node.outputs.entries()) {
    const value = made[i];
    if (!output || !value) continue;
    if (own.has(value) && !renamed.has(value)) renamed.set(value, output);
    else copies.push(plain('Identity', [renamed.get(value) ?? value], [output]));
  }
  const place = <T extends Value | null>(value: T): T | Value => renamed.get(value) ?? value;
  return [
    ...nodes.map((each) => ({ ...each, inputs: each.inputs.map(place), outputs: each.outputs.map(place) })),
    ...copies,
  ];
}

/** Refuses an op that no opset up to 21 has, in a form that is not expanded. */
export function newSince21(node: Node): never {
  throw unsupported(describe(node), `${node.op} is not in opset 21; export with opset 21 or below`);
}
