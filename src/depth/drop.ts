/** drop: a graph without some of its residual branches. */
import { unsupported } from '../errors.js';
import { describe } from '../ir/node.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { substitute } from '../rewrite/substitute.js';
import type { Branch } from './branches.js';
import { goingWith, type Passed } from './going.js';
import { twoSumOf } from './sums.js';

/**
 * Each sum becomes what went past the branch, and what only branches needed goes. The rest stays the same tensors and nodes; an output of
 * the model keeps its name.
 * @param of the graph that was looked at, or the one that it is a working copy of.
 * @throws UserError (exit 3) when `of` adds a branch up in a function or a branch of control flow.
 */
export function drop(branches: readonly Branch[], of: Graph): Graph {
  const sums = branches.map((branch) => sumIn(of, branch));
  const { nodes: going, initializers: idle } = goingWith(of, sums);
  const passed = new Map(sums.map(({ node, past }) => [node, past]));
  const outputs = new Set(of.outputs);
  const source = new Map<Value, Value>();
  const nodes: Node[] = [];
  for (const node of of.nodes) {
    const past = passed.get(node);
    const sum = node.outputs[0]!;
    if (!past) {
      if (!going.has(node)) nodes.push(node);
    } else if (outputs.has(sum)) {
      nodes.push({ name: node.name, op: 'Identity', domain: '', inputs: [past], outputs: [sum], attrs: {} });
    } else {
      // nodes are in order: what goes past an earlier sum is known already
      source.set(sum, source.get(past) ?? past);
    }
  }
  const isIdle = (value: Value): boolean => idle.has(value);
  const rest = {
    ...of,
    // an initializer that an old file lists among the inputs goes from both places, or it would have to be fed
    inputs: of.inputs.filter((value) => !isIdle(value)),
    nodes,
    initializers: new Map([...of.initializers].filter(([value]) => !isIdle(value))),
  };
  return substitute(rest, (value) => source.get(value) ?? value);
}

function sumIn(of: Graph, branch: Branch): Passed {
  const found = placeIn(of, branch);
  if (found) return found;
  throw unsupported(describe(branch.node), 'stands in a function or a branch, and would have to go; inline it first');
}

/** The sum of a branch in the graph, or in the one that it is a working copy of: a copy has the names of what it was made of. */
export function placeIn(of: Graph, { sum, past }: Branch): Passed | undefined {
  const node = of.nodes.find(({ outputs }) => outputs[0]?.name === sum.name);
  const operand = node && twoSumOf(node)?.operands.find(({ name }) => name === past.name);
  return node && operand && { node, past: operand };
}
