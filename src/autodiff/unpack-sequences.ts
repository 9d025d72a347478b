/** unpackedSequences: sequences and optionals of which the graph tells what they hold, as the tensors themselves. */
import { subgraphs } from '../ir/graph.js';
import { intAttr, isDefaultDomain } from '../ir/node.js';
import type { Graph, Node, TensorType, Value } from '../ir/types.js';
import { constantsOf } from '../ops/constants.js';
import type { Tape } from '../ops/tape.js';
import { dataOf, int64, type Tensor, tensor } from '../tensor/tensor.js';
import type { Replacement } from './replace-nodes.js';

/** Emits an element of a sequence. */
type Element = (g: Tape) => Value;

interface Sequence {
  /** How many elements there are; undefined where the data decides. */
  readonly length: number | undefined;
  /** The element at a position, a negative one counted from the end; undefined where it is not known. */
  at(position: number): Element | undefined;
}

/** What is known of the values that are no tensors. */
interface Known {
  readonly sequences: Map<Value, Sequence>;
  /** The tensor in each optional, null for none. */
  readonly optionals: Map<Value, Value | null>;
  readonly types: ReadonlyMap<Value, TensorType>;
  tensorOf(value: Value): Tensor | undefined;
}

/**
 * Replaces the nodes that make tensors of sequences and optionals, where every position is a constant; in subgraphs too. The
 * nodes that make the sequences stay, without a reader. What a loop carries from step to step is not followed.
 */
export function unpackedSequences(graph: Graph, types: ReadonlyMap<Value, TensorType>): Replacement {
  const replaced = new Map<Node, (g: Tape) => Value>();
  follow(graph, { sequences: new Map(), optionals: new Map(), types, tensorOf: () => undefined }, replaced);
  return (node) => {
    const emit = replaced.get(node);
    return emit && ((g) => [emit(g)]);
  };
}

function follow(graph: Graph, outer: Known, replaced: Map<Node, Element>): void {
  const { tensorOf } = constantsOf(graph);
  const known: Known = { ...outer, tensorOf: (value) => tensorOf(value) ?? outer.tensorOf(value) };
  for (const node of graph.nodes) {
    for (const body of subgraphs(node)) follow(body, known, replaced);
    if (!isDefaultDomain(node.domain)) continue;
    const [made] = node.outputs;
    const sequence = sequenceOf(node, known);
    if (sequence && made) known.sequences.set(made, sequence);
    if (node.op === 'Optional' && made) known.optionals.set(made, node.inputs[0] ?? null);
    const emit = tensorFrom(node, known);
    if (emit) replaced.set(node, emit);
  }
}

/** The sequence that a node makes. */
function sequenceOf(node: Node, known: Known): Sequence | undefined {
  const [first, second, third] = node.inputs;
  const given = first ? known.sequences.get(first) : undefined;
  switch (node.op) {
    case 'SequenceEmpty':
      return listed([]);
    case 'SequenceConstruct':
      return listed(node.inputs.map((x) => () => x as Value));
    case 'Identity':
    case 'Optional':
    case 'OptionalGetElement':
      return given;
    case 'SequenceInsert': {
      const at = third ? position(third, known) : given?.length;
      return changed(given, at, 0, [() => second as Value]);
    }
    case 'SequenceErase':
      return changed(given, second ? position(second, known) : -1, 1, []);
    case 'SplitToSequence':
      return pieces(node, known);
    default:
      return undefined;
  }
}

/** How a node makes a tensor of a sequence or an optional. */
function tensorFrom(node: Node, known: Known): Element | undefined {
  const [first, second] = node.inputs;
  const sequence = first ? known.sequences.get(first) : undefined;
  const held = first ? known.optionals.get(first) : undefined;
  if (node.op === 'OptionalGetElement' && held && !sequence) return (g) => g.op('Identity', [held]);
  if (node.op === 'OptionalHasElement' && held !== undefined) {
    return (g) => g.constant(tensor('bool', [], Uint8Array.of(held ? 1 : 0)));
  }
  if (!sequence) return undefined;
  if (node.op === 'SequenceAt') {
    const at = position(second as Value, known);
    return at === undefined ? undefined : sequence.at(at);
  }
  const { length } = sequence;
  if (length === undefined) return undefined;
  if (node.op === 'SequenceLength') return (g) => g.constant(int64([], [length]));
  return node.op === 'ConcatFromSequence' ? joined(node, elementsOf(sequence, length)) : undefined;
}

function joined(node: Node, elements: readonly Element[]): Element {
  const axis = intAttr(node, 'axis', 0);
  const isStacked = intAttr(node, 'new_axis', 0) !== 0;
  return (g) => {
    const values = elements.map((element) => element(g));
    return g.concat(isStacked ? values.map((value) => g.unsqueeze(value, [axis])) : values, axis);
  };
}

function listed(elements: readonly Element[]): Sequence {
  return { length: elements.length, at: (i) => elements.at(i) };
}

const elementsOf = (sequence: Sequence, length: number): Element[] =>
  Array.from({ length }, (_, i) => sequence.at(i) as Element);

function changed(
  sequence: Sequence | undefined,
  at: number | undefined,
  removed: number,
  added: readonly Element[],
): Sequence | undefined {
  if (sequence?.length === undefined || at === undefined) return undefined;
  return listed(elementsOf(sequence, sequence.length).toSpliced(at, removed, ...added));
}

/** The pieces of a tensor: `split` is the size of each, or a vector of sizes; without it each is one entry. */
function pieces(node: Node, known: Known): Sequence | undefined {
  const [x, split] = node.inputs as readonly [Value, Value | undefined];
  const axis = intAttr(node, 'axis', 0);
  const isFlat = !split && intAttr(node, 'keepdims', 1) === 0;
  const size = known.types.get(x)?.shape?.at(axis);
  const stored = split && known.tensorOf(split);
  if (split && !stored) return undefined;
  const sizes = stored ? Array.from(dataOf(stored), Number) : [1];
  const cut =
    (from: number, to: number): Element =>
    (g) => {
      const piece = g.slice(x, [from], [to], [axis]);
      return isFlat ? g.squeeze(piece, [axis]) : piece;
    };
  if (stored && stored.shape.length > 0) {
    const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((a, b) => a + b, 0));
    return listed(ends.map((end, i) => cut(end - (sizes[i] as number), end)));
  }
  const step = sizes[0] as number;
  const end = typeof size === 'number' ? size : undefined;
  if (end !== undefined) {
    const length = Math.ceil(end / step);
    return listed(Array.from({ length }, (_, i) => cut(i * step, Math.min((i + 1) * step, end))));
  }
  return { length: undefined, at: (i) => (i < 0 ? undefined : cut(i * step, (i + 1) * step)) };
}

function position(value: Value, known: Known): number | undefined {
  const stored = known.tensorOf(value);
  return stored && Number(dataOf(stored)[0]);
}
