/** simplify: nodes and initializers that no output needs are removed, and Identity nodes bypassed. */
import { reads } from '../ir/graph.js';
import { isDefaultDomain } from '../ir/node.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { isStop } from '../ops/stop.js';
import { mapBodies, mapSame, substitute } from './substitute.js';

/**
 * `graph` without dead nodes, dead initializers and Identity nodes, in subgraphs too. What a subgraph captures is alive.
 * Inputs and outputs keep their names: an Identity that makes an output stays, and so does one that stops gradients.
 */
export const simplify = (graph: Graph): Graph => withoutDead(withoutIdentities(graph));

function withoutIdentities(graph: Graph): Graph {
  const outputs = new Set(graph.outputs);
  const source = new Map<Value, Value>();
  const nodes = mapSame(graph.nodes, (node) => insideBodies(node, withoutIdentities));
  const kept = nodes.filter((node) => {
    const [from, to] = [node.inputs[0], node.outputs[0]];
    const passes = node.op === 'Identity' && isDefaultDomain(node.domain) && !isStop(node);
    if (!passes || !from || !to || outputs.has(to)) return true;
    // nodes are in order: the source of the source is known already
    source.set(to, source.get(from) ?? from);
    return false;
  });
  if (kept.length === nodes.length && nodes === graph.nodes) return graph;
  return substitute({ ...graph, nodes: kept }, (value) => source.get(value) ?? value);
}

function withoutDead(graph: Graph): Graph {
  const alive = new Set<Value>(graph.outputs);
  const nodes: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((value) => value && alive.has(value))) continue;
    const live = insideBodies(node, withoutDead);
    for (const value of reads(live)) alive.add(value);
    nodes.push(live);
  }
  nodes.reverse();
  const isDead = (value: Value): boolean => graph.initializers.has(value) && !alive.has(value);
  const isSame = nodes.length === graph.nodes.length && nodes.every((node, i) => node === graph.nodes[i]);
  if (isSame && ![...graph.initializers.keys()].some(isDead)) return graph;
  return {
    ...graph,
    // an initializer that an old file lists among the inputs goes from both places, or it would have to be fed
    inputs: graph.inputs.filter((value) => !isDead(value)),
    nodes,
    initializers: new Map([...graph.initializers].filter(([value]) => alive.has(value))),
  };
}

function insideBodies(node: Node, change: (body: Graph) => Graph): Node {
  const attrs = mapBodies(node.attrs, change);
  return attrs === node.attrs ? node : { ...node, attrs };
}
