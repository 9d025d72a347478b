/** undifferentiable: what of a model has no gradient rule, found before anything is differentiated. */
import { feeds, reads, subgraphs } from '../ir/graph.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { opOf } from '../ops/catalogue.js';
import { isStop } from '../ops/stop.js';
import { isFloat } from '../tensor/dtype.js';
import { prepare } from './prepare.js';
import { weightsOf } from './weights.js';

/**
 * The nodes of the working copy without a rule that a gradient of the outputs would reach, with respect to float inputs and
 * weights; those of subgraphs too.
 * @throws UserError (exit 3) naming a node that cannot be brought to the working copy's opset.
 */
export async function undifferentiable(graph: Graph): Promise<readonly Node[]> {
  const prepared = await prepare(graph);
  const isDifferentiable = (value: Value): boolean =>
    isFloat((prepared.types.get(value) ?? value.type)?.dtype ?? 'float32');
  const sources = [...feeds(prepared.graph), ...weightsOf(prepared.graph)].filter(isDifferentiable);
  return withoutRule(prepared.graph, new Set(sources), isDifferentiable);
}

function withoutRule(graph: Graph, active: Set<Value>, isDifferentiable: (value: Value) => boolean): Node[] {
  const reached = graph.nodes.filter((node) => {
    if (isStop(node) || !reads(node).some((value) => active.has(value))) return false;
    const made = node.outputs.filter((value): value is Value => value !== null && isDifferentiable(value));
    for (const value of made) active.add(value);
    return made.length > 0;
  });
  const needed = new Set<Value>(graph.outputs);
  const found: Node[] = [];
  for (const node of reached.toReversed()) {
    if (!node.outputs.some((value) => value && needed.has(value) && isDifferentiable(value))) continue;
    for (const value of reads(node)) needed.add(value);
    if (!opOf(node)?.vjp) found.push(node);
    for (const body of subgraphs(node)) {
      found.push(...withoutRule(body, new Set([...active, ...body.inputs]), isDifferentiable));
    }
  }
  return found.reverse();
}
