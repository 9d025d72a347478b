/** prepare: a model's working copy, ready to be differentiated. */
import type { UserError } from '../errors.js';
import { subgraphs } from '../ir/graph.js';
import { isDefaultDomain } from '../ir/node.js';
import type { Graph, Node, TensorType, Value } from '../ir/types.js';
import { inlineIf } from '../onnx/inline-if.js';
import { commonOpset, normalize } from '../onnx/normalize.js';
import { widen } from '../onnx/widen.js';
import { opOf } from '../ops/catalogue.js';
import { layoutRefusal } from '../ops/recurrent-gradient.js';
import { annotate } from '../runtime/annotate.js';
import { annotateBodies, annotateDeep } from '../runtime/annotate-bodies.js';
import { isFloat } from '../tensor/dtype.js';
import { type Replacement, replaceNodes } from './replace-nodes.js';
import { unpackedSequences } from './unpack-sequences.js';

export interface Prepared {
  readonly graph: Graph;
  /** Of every value that is a tensor, those in subgraphs included. */
  readonly types: ReadonlyMap<Value, TensorType>;
}

/** Hears of a node that is refused, instead of the caller. */
export type Refused = (node: Node, refusal: UserError) => void;

/**
 * A copy of `graph` in opset 21 and float32 (float64 stays), its types, branches that constants decide inlined, sequences with
 * constant positions taken apart, and with every op that has an expansion but no gradient rule replaced by ops that have one.
 * Inputs, outputs and initializers keep their names; sizes may stay symbolic.
 * @throws UserError (exit 3) naming the first node that has no such form.
 */
export const prepare = (graph: Graph): Promise<Prepared> => expandAll(workingCopy(graph));

/** The copy before its types are known. What is refused stays as it was. */
export function workingCopy(graph: Graph, refused?: Refused): Graph {
  const copy = widen(normalize(decided(graph), refused)).graph;
  for (const node of nodesIn(copy)) {
    const refusal = isDefaultDomain(node.domain) ? layoutRefusal(node) : undefined;
    if (refusal && !refused) throw refusal;
    if (refusal) refused?.(node, refusal);
  }
  return copy;
}

/** Those of subgraphs too. */
export function* nodesIn(graph: Graph): Generator<Node> {
  for (const node of graph.nodes) {
    yield node;
    for (const body of subgraphs(node)) yield* nodesIn(body);
  }
}

/** A copy with all its expansions. What is refused stays as it was. */
export async function expandAll(graph: Graph, refused?: Refused): Promise<Prepared> {
  const kept = new Set<Node>();
  const keep: Refused | undefined =
    refused &&
    ((node, refusal) => {
      kept.add(node);
      refused(node, refusal);
    });
  let copy = graph;
  let types = await typesOf(copy);
  for (;;) {
    const expanded = expand(copy, types, kept, keep);
    if (expanded === copy) return { graph: copy, types };
    copy = expanded;
    types = await typesOf(copy);
  }
}

/** `graph` with the branches taken that constants decide. */
function decided(graph: Graph): Graph {
  if (!graph.nodes.some(({ op }) => op === 'If')) return graph;
  return replaceNodes(inlineIf(graph), new Map(), scalarRange);
}

/** Behind an If the runtime does not know ranks, and lets Range have vectors of one number; elsewhere it refuses them. */
const scalarRange: Replacement = ({ op, domain }) =>
  op === 'Range' && isDefaultDomain(domain)
    ? (g, { inputs }) => [
        g.op(
          'Range',
          inputs.map((x) => x && g.reshape(x, [])),
        ),
      ]
    : undefined;

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
function expand(
  graph: Graph,
  types: ReadonlyMap<Value, TensorType>,
  kept: ReadonlySet<Node>,
  keep: Refused | undefined,
): Graph {
  const unpacked = unpackedSequences(graph, types);
  const expansion: Replacement = (node) => {
    if (kept.has(node)) return undefined;
    const op = opOf(node);
    return op?.vjp ? undefined : (op?.expand ?? unpacked(node));
  };
  const expanded = replaceNodes(graph, types, expansion, keep);
  if (expanded === graph) return graph;
  return { ...expanded, opsets: new Map([...graph.opsets, [defaultDomainOf(graph), commonOpset] as const]) };
}

/** A graph of other domains only may not import the default one, under either of its names. */
const defaultDomainOf = ({ opsets }: Graph): string => (opsets.has('ai.onnx') ? 'ai.onnx' : '');
