/** What of a model `scalpel grad` would refuse. */
import { undifferentiable } from '../autodiff/undifferentiable.js';
import { isDefaultDomain } from '../ir/node.js';
import type { Graph } from '../ir/types.js';
import { inlineIf } from '../onnx/inline-if.js';
import type { InspectedRefusal } from './inspect-report.js';
import { switches } from './working-copy.js';

/** Ops without a gradient rule on the way from float inputs and weights to the outputs, in the order of the graph. */
export async function findRefusals(graph: Graph): Promise<readonly InspectedRefusal[]> {
  const found = new Map<string, InspectedRefusal>();
  for (const node of await undifferentiable(inlineIf(graph, switches(graph)))) {
    const op = isDefaultDomain(node.domain) ? node.op : `${node.domain}.${node.op}`;
    const known = found.get(op);
    const name = node.name || (node.outputs.find((value) => value)?.name ?? '');
    found.set(op, { op, node: known?.node ?? name, count: (known?.count ?? 0) + 1 });
  }
  return [...found.values()];
}
