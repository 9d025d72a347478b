/** prepare: a model's working copy, ready to be differentiated. */
import { subgraphs } from '../ir/graph.js';
import type { Graph, Node, TensorType, Value } from '../ir/types.js';
import { commonOpset, normalize } from '../onnx/normalize.js';
import { widen } from '../onnx/widen.js';
import { namesIn } from '../ops/builder.js';
import { opOf } from '../ops/catalogue.js';
import { Tape } from '../ops/tape.js';
import { mapBodies, substituteNode } from '../rewrite/substitute.js';
import { annotate } from '../runtime/annotate.js';
import { annotateBodies, annotateDeep } from '../runtime/annotate-bodies.js';
import { isFloat } from '../tensor/dtype.js';

export interface Prepared {
  readonly graph: Graph;
  /** Of every value that is a tensor, those in subgraphs included. */
  readonly types: ReadonlyMap<Value, TensorType>;
}

/**
 * A copy of `graph` in opset 21 and float32 (float64 stays), its types, and with every op that has an expansion but no gradient
 * rule replaced by ops that have one. Inputs, outputs and initializers keep their names; sizes may stay symbolic.
 */
export async function prepare(graph: Graph): Promise<Prepared> {
  let copy = widen(normalize(graph)).graph;
  let types = await typesOf(copy);
  for (let expanded = expand(copy, types); expanded !== copy; expanded = expand(copy, types)) {
    copy = expanded;
    types = await typesOf(copy);
  }
  return { graph: copy, types };
}

/**
 * The types of all values, of subgraphs too. A rank that only shows when every size is known, or that only the file declares, is
 * kept without its sizes.
 */
export async function typesOf(graph: Graph): Promise<ReadonlyMap<Value, TensorType>> {
  const { types: found, bodies } = await annotateDeep(graph);
  const types = new Map(found);
  const rankless = [...types].filter(([, { dtype, shape }]) => isFloat(dtype) && !shape);
  if (rankless.length === 0) return new Map([...types, ...bodies]);
  const sized = await annotate(graph);
  for (const [value, { dtype }] of rankless) {
    const shape = sized.get(value)?.shape ?? value.type?.shape;
    if (shape) types.set(value, { dtype, shape: shape.map(() => null) });
  }
  return new Map([...types, ...(await annotateBodies(graph, types))]);
}

/** `graph` with one round of expansions, in its subgraphs too; the same object where no node has one. */
function expand(graph: Graph, types: ReadonlyMap<Value, TensorType>): Graph {
  if (!hasExpandable(graph)) return graph;
  const g = new Tape(graph, { types, taken: namesIn(graph), backward: () => new Map() });
  const opsets = new Map([...graph.opsets, [defaultDomainOf(graph), commonOpset] as const]);
  return { ...expandInto(g, graph), opsets };
}

function expandInto(g: Tape, graph: Graph): Graph {
  const nodes = graph.nodes.flatMap((node) => {
    if (isExpandable(node)) return expansionOf(g, node);
    const attrs = mapBodies(node.attrs, (body) => (hasExpandable(body) ? expandInto(g.inner(body), body) : body));
    return [attrs === node.attrs ? node : { ...node, attrs }];
  });
  return { ...graph, nodes, initializers: new Map([...graph.initializers, ...g.initializers]) };
}

const hasExpandable = (graph: Graph): boolean =>
  graph.nodes.some((node) => isExpandable(node) || subgraphs(node).some(hasExpandable));

/** A graph of other domains only may not import the default one, under either of its names. */
const defaultDomainOf = ({ opsets }: Graph): string => (opsets.has('ai.onnx') ? 'ai.onnx' : '');

const isExpandable = (node: Node): boolean => {
  const op = opOf(node);
  return op?.expand !== undefined && op.vjp === undefined;
};

/** The emitted nodes, the last values of which take the names that the node's outputs have. */
function expansionOf(g: Tape, node: Node): readonly Node[] {
  const before = g.nodes.length;
  const made = opOf(node)!.expand!(g, node);
  const emitted = g.nodes.splice(before);
  const own = new Set(emitted.flatMap(({ outputs }) => outputs));
  const renamed = new Map<Value, Value>();
  const copies: Node[] = [];
  for (const [i, output] of node.outputs.entries()) {
    const value = made[i];
    if (!output || !value) continue;
    if (own.has(value) && !renamed.has(value)) renamed.set(value, output);
    else
      copies.push({
        name: `${output.name}/copy`,
        op: 'Identity',
        domain: '',
        inputs: [renamed.get(value) ?? value],
        outputs: [output],
        attrs: {},
      });
  }
  return [...emitted.map((each) => substituteNode(each, (value) => renamed.get(value) ?? value)), ...copies];
}
