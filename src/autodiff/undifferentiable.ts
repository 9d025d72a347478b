/** undifferentiable: what `grad` would refuse of a model, all of it, found without running anything. */
import type { UserError } from '../errors.js';
import { feeds } from '../ir/graph.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { namesIn } from '../ops/builder.js';
import { Tape } from '../ops/tape.js';
import { isFloat } from '../tensor/dtype.js';
import { expandAll, nodesIn, type Prepared, type Refused, workingCopy } from './prepare.js';
import { opsetOf, walk } from './walk.js';
import { weightsOf } from './weights.js';

export interface Refusal {
  /** Of the working copy, or of a subgraph of it. */
  readonly node: Node;
  /** Of its domain, in that copy. */
  readonly opset: number;
  /** What `grad` would throw. */
  readonly error: UserError;
}

/**
 * Every node that keeps the outputs from being differentiated with respect to float inputs and weights, in the order of the
 * graph: a dry run of `grad`, in which a rule that refuses does not end the walk. Where nodes cannot be brought to the working
 * copy's opset, only those are found, as the types of all others are not known then.
 * @throws UserError when the runtime refuses the graph.
 */
export async function undifferentiable(graph: Graph): Promise<readonly Refusal[]> {
  const found = new Map<Node, UserError>();
  const refused: Refused = (node, error) => {
    if (!found.has(node)) found.set(node, error);
  };
  const raw = workingCopy(graph, refused);
  const prepared = found.size === 0 ? await expandAll(raw, refused) : undefined;
  if (prepared) walkDry(prepared, refused);
  const copy = prepared?.graph ?? raw;
  return [...nodesIn(copy)].flatMap((node) => {
    const error = found.get(node);
    return error ? [{ node, opset: opsetOf(copy, node), error }] : [];
  });
}

function walkDry({ graph, types }: Prepared, refused: Refused): void {
  const g = new Tape(graph, { types, taken: namesIn(graph), backward: walk({ refused }) });
  const isReal = (value: Value): boolean => isFloat((types.get(value) ?? value.type)?.dtype ?? 'float32');
  const seeds = graph.outputs.filter(isReal).map((value) => [value, g.value('seed')] as const);
  g.backward(g, graph, new Map(seeds), [...feeds(graph), ...weightsOf(graph)].filter(isReal));
}
