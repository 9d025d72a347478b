/** follow: the numbers that a node is given, made to follow the sizes that they stand for. */
import { attrs, isDefaultDomain } from '../ir/node.js';
import type { Graph, Node, Value } from '../ir/types.js';
import type { Builder } from '../ops/builder.js';
import type { InputPlace, Place } from '../ops/flow.js';
import { dataOf, type Tensor, tensor } from '../tensor/tensor.js';

/** A number, and whether it is another one than before. */
export interface Size {
  readonly count: number;
  readonly isChanged: boolean;
}

export function follow(
  g: Builder,
  graph: Graph,
  tensorOf: (value: Value) => Tensor | undefined,
  node: Node,
  { place, counts }: { readonly place: Place; readonly counts: readonly Size[] },
): Node {
  if ('attr' in place) return withAttr(node, place.attr, counts[0]!.count);
  const list = attributeFor(graph, node, place);
  if (list !== undefined) return withAttr(node, list, listed(node, list, counts));
  const given = node.inputs[place.input];
  if (!given) {
    // parts were equal: they are not any more
    const others = Object.fromEntries(Object.entries(node.attrs).filter(([name]) => name !== place.instead));
    return { ...withInput(node, place.input, g.ints(counts.map(({ count }) => count))), attrs: others };
  }
  const stored = tensorOf(given);
  return withInput(
    node,
    place.input,
    stored ? g.constant(withSizes(stored, counts), 'sizes') : chosen(g, given, counts),
  );
}

function attributeFor({ opsets }: Graph, { domain }: Node, { older }: InputPlace): string | undefined {
  if (!older || !isDefaultDomain(domain)) return undefined;
  const opset = opsets.get('') ?? opsets.get('ai.onnx') ?? 1;
  return opset < older.before ? older.attr : undefined;
}

/** The list of an attribute, or all numbers where there is none: parts were equal and are not any more. */
function listed({ attrs: before }: Node, name: string, counts: readonly Size[]): number[] {
  const attr = before[name];
  return counts.map(({ count, isChanged }, i) => (isChanged || attr?.kind !== 'ints' ? count : Number(attr.value[i]!)));
}

const withAttr = (node: Node, name: string, value: number | readonly number[]): Node => ({
  ...node,
  attrs: { ...node.attrs, ...attrs({ [name]: value }) },
});

/** The others keep every bit: an end of 2^63 - 1 is a usual one. */
function withSizes(stored: Tensor, counts: readonly Size[]): Tensor {
  const numbers = dataOf(stored).slice() as Int32Array | BigInt64Array;
  for (const [i, { count, isChanged }] of counts.entries()) {
    if (isChanged) numbers[i] = numbers instanceof BigInt64Array ? BigInt(count) : count;
  }
  return tensor(stored.dtype, stored.shape, numbers);
}

/** Numbers that the graph works out, but for those that changed. */
function chosen(g: Builder, given: Value, counts: readonly Size[]): Value {
  const isChanged = Uint8Array.from(counts, (size) => Number(size.isChanged));
  const mask = g.constant(tensor('bool', [counts.length], isChanged));
  return g.op('Where', [mask, g.ints(counts.map(({ count }) => count)), given]);
}

const withInput = (node: Node, at: number, value: Value): Node => ({
  ...node,
  inputs: Array.from({ length: Math.max(node.inputs.length, at + 1) }, (_, i) =>
    i === at ? value : (node.inputs[i] ?? null),
  ),
});
