/** inlineIf: branches that a constant decides, as the merged exports of language models have them, become plain nodes. */
import { producers, subgraphs } from '../ir/graph.js';
import { isDefaultDomain } from '../ir/node.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { type Builder, builderFor } from '../ops/builder.js';
import { floatsOf } from '../tensor/convert.js';
import { sizeOf } from '../tensor/dtype.js';
import { int64, type Tensor } from '../tensor/tensor.js';
import { copyNode, identity } from './copy-nodes.js';

/**
 * `graph` with `constants` bound to their inputs (which are inputs no longer) and every If replaced by its taken branch where its
 * condition follows from constants: directly, or through Not, And, Or, Equal, Identity, Cast, Squeeze, Unsqueeze, Reshape, Size, Split.
 *
 * Initializers of a taken branch become those of the graph under their own names; values keep their identity unless
 * their name also stands elsewhere. An If whose condition is computed from data stays.
 */
export function inlineIf(graph: Graph, constants: ReadonlyMap<Value, Tensor> = new Map()): Graph {
  const bound: Graph = {
    ...graph,
    inputs: graph.inputs.filter((value) => !constants.has(value)),
    initializers: new Map([...graph.initializers, ...constants]),
  };
  const state: State = {
    g: builderFor(graph),
    counts: nameCounts(bound),
    nodeNames: new Set(bound.nodes.map(({ name }) => name)),
    initializers: new Map(bound.initializers),
  };
  const nodes = flatten(bound.nodes, state, producers(bound));
  return { ...bound, nodes, initializers: state.initializers };
}

interface State {
  readonly g: Builder;
  /** How often each name is defined anywhere in the graph. */
  readonly counts: ReadonlyMap<string, number>;
  /** Names of the nodes that stand outside of branches now. */
  readonly nodeNames: Set<string>;
  readonly initializers: Map<Value, Tensor>;
}

function flatten(nodes: readonly Node[], state: State, makers: Map<Value, Node>): Node[] {
  return nodes.flatMap((node) => {
    const taken = takenBranch(node, state, makers);
    if (!taken) return [node];
    const inner = branchNodes(node, taken, state);
    for (const made of inner) for (const value of made.outputs) if (value) makers.set(value, made);
    return flatten(inner, state, makers);
  });
}

function takenBranch(node: Node, state: State, makers: ReadonlyMap<Value, Node>): Graph | undefined {
  if (node.op !== 'If' || !isDefaultDomain(node.domain)) return undefined;
  const condition = known(node.inputs[0] as Value, state.initializers, makers);
  const attr = condition === undefined ? undefined : node.attrs[condition ? 'then_branch' : 'else_branch'];
  return attr?.kind === 'graph' ? attr.value : undefined;
}

/** The nodes of a branch with its outputs under the names that the If gave them. */
function branchNodes(node: Node, branch: Graph, state: State): Node[] {
  const { g, counts, initializers } = state;
  const renamed = new Map<Value, Value>();
  const made = new Set<Value>(branch.nodes.flatMap((inner) => inner.outputs.filter((value) => value !== null)));
  const tail: Node[] = [];
  branch.outputs.forEach((value, i) => {
    const wanted = node.outputs[i];
    if (!wanted) return;
    if (made.has(value) && !renamed.has(value)) renamed.set(value, wanted);
    else tail.push(identity(renamed.get(value) ?? value, wanted));
  });
  for (const value of [...made, ...branch.initializers.keys()]) {
    if (!renamed.has(value) && counts.get(value.name)! > 1) renamed.set(value, g.value(value.name, value.type));
  }
  const to = (value: Value): Value => renamed.get(value) ?? value;
  for (const [value, t] of branch.initializers) initializers.set(to(value), t);
  return [
    ...branch.nodes.map((inner) => ({ ...copyNode(inner, to), name: freeName(inner.name, state) })),
    ...tail.map((last) => ({ ...last, inputs: last.inputs.map((value) => value && to(value)) })),
  ];
}

function freeName(name: string, { g, nodeNames }: State): string {
  const free = name !== '' && nodeNames.has(name) ? g.value(name).name : name;
  nodeNames.add(free);
  return free;
}

/** The truth of a value that follows from constants, or undefined. */
function known(
  value: Value,
  initializers: ReadonlyMap<Value, Tensor>,
  makers: ReadonlyMap<Value, Node>,
): number | undefined {
  const stored = initializers.get(value) ?? constantTensor(makers.get(value));
  if (stored) return sizeOf(stored.shape) === 1 && stored.dtype !== 'string' ? floatsOf(stored)[0] : undefined;
  const node = makers.get(value);
  if (node?.op === 'Split') return element(node, value, initializers);
  if (node?.op === 'Size' && isDefaultDomain(node.domain)) return fixedSize(node.inputs[0] as Value, initializers);
  const rule = node && isDefaultDomain(node.domain) && Object.hasOwn(rules, node.op) ? rules[node.op] : undefined;
  if (!node || !rule) return undefined;
  const args = node.inputs.slice(0, rule.arity).map((arg) => known(arg as Value, initializers, makers));
  return args.every((arg) => arg !== undefined) ? rule.value(args as number[]) : undefined;
}

interface Rule {
  readonly arity: number;
  value(args: readonly number[]): number;
}

const same: Rule = { arity: 1, value: ([a]) => a! };

const rules: Readonly<Record<string, Rule>> = {
  Identity: same,
  Cast: same,
  Squeeze: same,
  Unsqueeze: same,
  Reshape: same,
  Not: { arity: 1, value: ([a]) => (a ? 0 : 1) },
  And: { arity: 2, value: ([a, b]) => (a && b ? 1 : 0) },
  Or: { arity: 2, value: ([a, b]) => (a || b ? 1 : 0) },
  Equal: { arity: 2, value: ([a, b]) => (a === b ? 1 : 0) },
};

/** One number of a stored vector that is split into single numbers. */
function element(
  { inputs, outputs }: Node,
  value: Value,
  initializers: ReadonlyMap<Value, Tensor>,
): number | undefined {
  const stored = initializers.get(inputs[0] as Value);
  const isSingle = stored?.shape.length === 1 && stored.shape[0] === outputs.length && stored.dtype !== 'string';
  return isSingle ? floatsOf(stored)[outputs.indexOf(value)] : undefined;
}

function fixedSize(value: Value, initializers: ReadonlyMap<Value, Tensor>): number | undefined {
  const sizes = initializers.get(value)?.shape ?? value.type?.shape ?? [null];
  return sizes.every((size): size is number => typeof size === 'number') ? sizeOf(sizes) : undefined;
}

/** Integers may stand in attributes of their own. */
function constantTensor(node: Node | undefined): Tensor | undefined {
  if (node?.op !== 'Constant') return undefined;
  const { value, value_int, value_ints } = node.attrs;
  if (value_int?.kind === 'int') return int64([], [value_int.value]);
  if (value_ints?.kind === 'ints') return int64([value_ints.value.length], value_ints.value);
  return value?.kind === 'tensor' ? value.value : undefined;
}

function nameCounts(graph: Graph, counts = new Map<string, number>()): Map<string, number> {
  const defined = new Set([
    ...graph.inputs,
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap((node) => node.outputs.filter((value) => value !== null)),
  ]);
  for (const { name } of defined) counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const node of graph.nodes) for (const body of subgraphs(node)) nameCounts(body, counts);
  return counts;
}
