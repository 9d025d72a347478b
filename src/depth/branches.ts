/** branchesOf: residual branches of a graph, which add something to what goes past them and can go as a whole. */
import { describe, isDefaultDomain } from '../ir/node.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { type Flow, followData } from '../regions/flow.js';
import { goingWith } from './going.js';
import { type TwoSum, twoSumOf } from './sums.js';

/** `sum` = `past` + `made`, where `made` is computed from `past`, or from what was there before earlier sums made it what it is. */
export interface Branch {
  /** The sum. */
  readonly node: Node;
  readonly sum: Value;
  readonly past: Value;
  readonly made: Value;
  /** Nodes between what goes past and what is made of it, in order. */
  readonly nodes: readonly Node[];
}

export interface Branches {
  /** In the order of the graph; none lies in another. */
  readonly branches: readonly Branch[];
  /** Others, which have to stay. */
  readonly refused: readonly { readonly nodes: readonly Node[]; readonly reason: string }[];
}

/**
 * A branch holds a weight, and nothing but its sum reads what it makes. What goes past it is as large as the sum. Besides, it may read
 * masks, positions or another network's states; not another branch that could go by itself: that one is taken instead.
 * @param shapeOf sizes of a value, where known, for two samples or more. @param holdsWeight whether a node multiplies by a stored weight.
 */
export function branchesOf(
  graph: Graph,
  shapeOf: (value: Value) => readonly number[] | undefined,
  holdsWeight: (node: Node) => boolean,
): Branches {
  const flow = followData(graph);
  const sums = new Map(
    graph.nodes.flatMap((node) => {
      const found = twoSumOf(node);
      return found ? [[node, found] as const] : [];
    }),
  );
  const walk = new Walk(flow, sums, shapeOf);
  const found = [...sums.values()].flatMap((sum) => walk.branchAt(sum, holdsWeight));
  const refused = found.flatMap((each) => {
    const reason = refusalOf(graph, each, holdsWeight);
    return reason ? [{ nodes: each.nodes, reason }] : [];
  });
  const out = new Set(refused.map(({ nodes }) => nodes));
  const whole = found.filter(({ nodes }) => !out.has(nodes));
  const nodesOfSums = new Set(whole.map(({ node }) => node));
  const isOuter = ({ nodes }: Found): boolean => nodes.some((node) => nodesOfSums.has(node));
  return {
    branches: whole.filter((each) => !isOuter(each)).map((each) => ({ ...each, sum: each.sum! })),
    refused: [
      ...refused,
      ...whole.filter(isOuter).map(({ nodes }) => ({ nodes, reason: 'branches that can go by themselves lie in it' })),
    ],
  };
}

type Found = Omit<Branch, 'sum'> & Pick<TwoSum, 'sum' | 'isFused'>;

function refusalOf(graph: Graph, { node, past, made, nodes, isFused }: Found, holdsWeight: (node: Node) => boolean) {
  if (isFused) return `${describe(node)} adds and normalises it in one, and is not taken apart`;
  if (graph.outputs.includes(made)) return `'${made.name}' is an output of the model`;
  const { nodes: going } = goingWith(graph, [{ node, past }]);
  const stays = nodes.find((each) => !going.has(each) && (holdsWeight(each) || each.outputs.includes(made)));
  const [read] = stays?.outputs ?? [];
  return read && `'${read.name}' in it is an output of the model, or is read outside of it`;
}

/** Nodes that pass numbers on as they are, or in another precision. */
const passing = new Set(['Identity', 'Cast', 'Dropout']);

/** Walks against the direction of data. */
class Walk {
  readonly #makers = new Map<Value, Node>();

  constructor(
    private readonly flow: Flow,
    private readonly sums: ReadonlyMap<Node, TwoSum>,
    private readonly shapeOf: (value: Value) => readonly number[] | undefined,
  ) {
    for (const node of flow.graph.nodes) for (const value of node.outputs) if (value) this.#makers.set(value, node);
  }

  branchAt(sum: TwoSum, holdsWeight: (node: Node) => boolean): Found[] {
    const [a, b] = sum.operands;
    for (const [past, made] of [
      [a, b],
      [b, a],
    ] as const) {
      if (!this.#isData(past) || !this.#isData(made) || !this.#isAsLarge(past, sum)) continue;
      const nodes = this.#between(this.#streamTo(past), made);
      if (nodes.some(holdsWeight)) return [{ ...sum, past, made, nodes }];
    }
    return [];
  }

  #isData = (value: Value): boolean => this.flow.kinds.get(value) === 'data';

  #isAsLarge(past: Value, { node, sum }: TwoSum): boolean {
    const [own, wanted] = [this.shapeOf(past), this.shapeOf(sum ?? node.outputs[0]!)];
    return own !== undefined && wanted !== undefined && own.join() === wanted.join();
  }

  /** What goes past, and all that was added to before it became that. */
  #streamTo(past: Value): Set<Value> {
    const stream = new Set<Value>();
    const pending = [past];
    const size = this.shapeOf(past)!.join();
    for (let value = pending.pop(); value; value = pending.pop()) {
      if (stream.has(value) || !this.#isData(value) || this.shapeOf(value)?.join() !== size) continue;
      stream.add(value);
      const node = this.#makers.get(value);
      const sum = node && this.sums.get(node);
      if (sum?.sum === value) pending.push(...sum.operands);
      else if (node && isDefaultDomain(node.domain) && passing.has(node.op)) pending.push(node.inputs[0]!);
    }
    return stream;
  }

  /** Nodes that make `made` of values of the stream; none where it is not made of them, or is one of them. */
  #between(stream: ReadonlySet<Value>, made: Value): Node[] {
    const before = new Set<Node>();
    const pending = [made];
    for (let value = pending.pop(); value; value = pending.pop()) {
      const node = stream.has(value) ? undefined : this.#makers.get(value);
      if (!node || before.has(node)) continue;
      before.add(node);
      pending.push(...this.flow.reads.get(node)!.filter(this.#isData));
    }
    const own = new Set<Value>(stream);
    return this.flow.graph.nodes.filter((node) => {
      if (!before.has(node) || !this.flow.reads.get(node)!.some((value) => own.has(value))) return false;
      for (const value of node.outputs) if (value && this.#isData(value)) own.add(value);
      return true;
    });
  }
}
