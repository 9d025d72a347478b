/** ownCopies: tensors of one number, made anew for every node that reads them: none is tied to another by them. */
import { reads } from '../ir/graph.js';
import { isDefaultDomain } from '../ir/node.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { isFloat } from '../tensor/dtype.js';
import { substituteNode } from './substitute.js';

export interface OwnCopies {
  readonly graph: Graph;
  /** By the name of each of several copies, that of the value which they are copies of, its own included. */
  readonly copies: ReadonlyMap<string, string>;
}

/** One ConstantOfShape may start all recurrent layers of a model, and what lies between them only cuts it and lays it out. */
const keepsOneNumber: readonly string[] = [
  'Cast',
  'Expand',
  'Flatten',
  'Identity',
  'Reshape',
  'Slice',
  'Squeeze',
  'Transpose',
  'Unsqueeze',
];

interface Place {
  node: Node;
}

/**
 * The first node that reads such a tensor keeps it, unless it is an output; others have copies, whose names tell for whom they are: a model
 * and its working copy call them alike.
 */
export function ownCopies(graph: Graph): OwnCopies {
  const filled = filledValues(graph);
  const copies = new Map<string, string>();
  const done: Place[] = [];
  const readers = new Map<Value, Place[]>();
  const finish = (node: Node): void => {
    const place = { node };
    done.push(place);
    for (const x of new Set(reads(node))) {
      if (!filled.has(x)) continue;
      const known = readers.get(x);
      if (known) known.push(place);
      else readers.set(x, [place]);
    }
  };
  // from the end, so that what is copied gives more readers to what it is made of
  for (const node of graph.nodes.toReversed()) {
    const [y] = node.outputs;
    const all = (y && filled.has(y) && readers.get(y)?.toReversed()) || [];
    const others = graph.outputs.includes(y!) ? all : all.slice(1);
    for (const place of others.toReversed()) {
      const own: Value = { ...y!, name: `${y!.name} for ${nameOf(place.node)}` };
      place.node = substituteNode(place.node, (value) => (value === y ? own : value));
      copies.set(own.name, y!.name).set(y!.name, y!.name);
      filled.add(own);
      finish({ ...node, name: node.name && `${node.name} for ${nameOf(place.node)}`, outputs: [own] });
    }
    finish(node);
  }
  const nodes = done.map(({ node }) => node).reverse();
  return { graph: copies.size === 0 ? graph : { ...graph, nodes }, copies };
}

/** Floats only: masks of integers and truths are not what units lie in. */
function filledValues({ nodes }: Graph): Set<Value> {
  const filled = new Set<Value>();
  for (const node of nodes) {
    const { op, domain, inputs, outputs } = node;
    const [y] = outputs;
    if (!y || outputs.length > 1 || !isDefaultDomain(domain)) continue;
    const passes = keepsOneNumber.includes(op) && filled.has(inputs[0]!);
    if (passes || (op === 'ConstantOfShape' && isOfFloats(node))) filled.add(y);
  }
  return filled;
}

/** Without a value, they are zeros of float32. */
const isOfFloats = ({ attrs: { value } }: Node): boolean => value?.kind !== 'tensor' || isFloat(value.value.dtype);

const nameOf = ({ name, outputs }: Node): string => outputs.find((y) => y)?.name ?? name;
