/** Ops that the runtime does not have: all of them, where loading a model names the first alone. */
import { exitCodes, UserError } from '../errors.js';
import { subgraphs } from '../ir/graph.js';
import { describe } from '../ir/node.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { openSession } from './session.js';

export interface UnregisteredOp {
  readonly domain: string;
  readonly op: string;
  /** The first node of that op. */
  readonly node: string;
  readonly count: number;
}

/** Each op is put to the runtime alone; one that it merely would not run in that form is not among them. */
export async function unregistered(graph: Graph): Promise<readonly UnregisteredOp[]> {
  const functions = new Set(graph.functions.map(({ domain, name }) => `${domain}:${name}`));
  const byOp = new Map<string, Node[]>();
  for (const node of allNodes(graph)) {
    const key = `${node.domain}:${node.op}`;
    if (!functions.has(key)) byOp.set(key, [...(byOp.get(key) ?? []), node]);
  }
  const found: UnregisteredOp[] = [];
  for (const [first, ...others] of byOp.values()) {
    const { domain, op } = first as Node;
    if (!(await isUnknown(graph, first as Node))) continue;
    found.push({ domain, op, node: describe(first as Node), count: 1 + others.length });
  }
  return found;
}

const allNodes = (graph: Graph): Node[] =>
  graph.nodes.flatMap((node) => [node, ...subgraphs(node).flatMap((body) => allNodes(body))]);

async function isUnknown(graph: Graph, node: Node): Promise<boolean> {
  // types are not known where a model does not load; a wrong one gives another error
  const typed = (value: Value): Value => ({ name: value.name, type: { dtype: 'float32' } });
  const inputs = new Map(node.inputs.flatMap((value) => (value ? [[value.name, typed(value)] as const] : [])));
  const outputs = node.outputs.map((value) => value && { name: value.name });
  const alone: Graph = {
    ...graph,
    inputs: [...inputs.values()],
    outputs: outputs.flatMap((value) => (value ? [value] : [])),
    nodes: [{ ...node, inputs: node.inputs.map((value) => value && inputs.get(value.name)!), outputs }],
    initializers: new Map(),
    functions: [],
  };
  try {
    await (await openSession(alone, { optimization: 'disabled', threads: 1 })).release();
    return false;
  } catch (error) {
    return error instanceof UserError && error.exitCode === exitCodes.unsupported && /no such op/.test(error.message);
  }
}
