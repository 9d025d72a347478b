/** What of a model `scalpel grad` would refuse. */
import { undifferentiable } from '../../autodiff/undifferentiable.js';
import { describe, isDefaultDomain } from '../../ir/node.js';
import type { Graph } from '../../ir/types.js';
import { inlineIf } from '../../onnx/inline-if.js';
import { hoist } from '../../rewrite/hoist.js';
import { switches } from '../working-copy.js';
import type { InspectedRefusal } from './report.js';

/** Refusals on the way from float inputs and weights to the outputs, in the order of the graph; those for one reason are counted. */
export async function findRefusals(graph: Graph): Promise<readonly InspectedRefusal[]> {
  const found = new Map<string, InspectedRefusal>();
  for (const { node, opset, error } of await undifferentiable(hoist(inlineIf(graph, switches(graph))))) {
    const op = isDefaultDomain(node.domain) ? node.op : `${node.domain}.${node.op}`;
    const reason = error.message.replaceAll(describe(node), op);
    const known = found.get(`${op} ${reason}`);
    const name = node.name || (node.outputs.find((value) => value)?.name ?? '');
    found.set(`${op} ${reason}`, { op, node: known?.node ?? name, opset, count: (known?.count ?? 0) + 1, reason });
  }
  return [...found.values()];
}
