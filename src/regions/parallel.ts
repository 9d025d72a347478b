/** Attention and MLP that read the same norm and are added together, taken apart into halves that run one after the other. */
import type { Node, Value } from '../ir/types.js';
import type { Flow } from './flow.js';
import { isAttention, kindOf } from './kinds.js';

/**
 * The attention with all that it needs and with what follows from it alone, then the rest; or all nodes as one, where that
 * does not leave an attention and an MLP.
 * @param nodes of one segment, in topological order.
 */
export function splitParallel(
  flow: Flow,
  nodes: readonly Node[],
  isLayer: (node: Node) => boolean,
): (readonly Node[])[] {
  if (kindOf(flow, nodes, isLayer) !== 'block') return [nodes];
  const attention = attentionOf(flow, nodes);
  const halves = [nodes.filter((node) => attention.has(node)), nodes.filter((node) => !attention.has(node))];
  const [first, second] = halves.map((half) => kindOf(flow, half, isLayer));
  return first === 'attention' && second === 'mlp' ? halves : [nodes];
}

function attentionOf(flow: Flow, nodes: readonly Node[]): Set<Node> {
  const found = new Set<Node>();
  const wanted = new Set<Value>();
  for (const node of [...nodes].reverse()) {
    if (!isAttention(flow, node) && !node.outputs.some((value) => value && wanted.has(value))) continue;
    found.add(node);
    for (const value of flow.reads.get(node)!) wanted.add(value);
  }
  const behind = new Set(nodes.filter((node) => isAttention(flow, node)).flatMap(({ outputs }) => outputs));
  const beside = new Set<Value | null>();
  for (const node of nodes) {
    const read = flow.reads.get(node)!;
    const isBehind = read.some((value) => behind.has(value));
    if (isBehind && !read.some((value) => beside.has(value))) found.add(node);
    for (const value of node.outputs) {
      if (!found.has(node)) beside.add(value);
      else if (isBehind) behind.add(value);
    }
  }
  return found;
}
