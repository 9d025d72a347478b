/**
 * GELU spelled out in elementary ops, as most exporters write it, folded to the one op: the runtime's kernel for it needs one pass
 * over the data, and its gradient rule half of the passes of the chain rule.
 */
import { consumers, producers } from '../ir/graph.js';
import { isDefaultDomain } from '../ir/node.js';
import type { Graph, Node, TensorType, Value } from '../ir/types.js';
import { constantsOf } from '../ops/constants.js';
import { floatsOf } from '../tensor/convert.js';
import { replaceNodes } from './replace-nodes.js';

/**
 * `graph` with every chain of elementary ops between a value x and GELU(x) replaced; the same object where there is none. A chain is
 * known by what it computes: it is evaluated at some points.
 * @param types of the values; only float32 has the kernel
 * @param keep values that are asked for, so that a chain with one of them inside stays
 */
export function foldGelu(graph: Graph, types: ReadonlyMap<Value, TensorType>, keep: ReadonlySet<Value>): Graph {
  const chains = findChains(graph, types, keep);
  if (chains.size === 0) return graph;
  return replaceNodes(graph, types, (node) => {
    const chain = chains.get(node);
    return chain && ((g) => [g.op('Gelu', [chain.x], { approximate: chain.approximate })]);
  });
}

interface Chain {
  readonly x: Value;
  readonly approximate: 'none' | 'tanh';
}

/** The chains by their last node. */
function findChains(
  graph: Graph,
  types: ReadonlyMap<Value, TensorType>,
  keep: ReadonlySet<Value>,
): ReadonlyMap<Node, Chain> {
  const readers = consumers(graph);
  const known = knowledgeOf(graph);
  const found = new Map<Node, Chain>();
  for (const core of graph.nodes) {
    const approximate = isDefaultDomain(core.domain) ? cores[core.op] : undefined;
    if (!approximate || types.get(core.outputs[0] as Value)?.dtype !== 'float32') continue;
    for (const last of reachedBy(core, readers)) {
      const y = last.outputs[0] as Value;
      const x = sourcesOf(core, known).find((source) => isGelu(y, source, approximate, known));
      if (!x || between(x, y, known).some((value) => keep.has(value))) continue;
      found.set(last, { x, approximate });
      break;
    }
  }
  return found;
}

const cores: Readonly<Record<string, Chain['approximate']>> = { Erf: 'none', Tanh: 'tanh' };

/** The products behind a node, up to three steps on. */
function reachedBy(core: Node, readers: ReadonlyMap<Value, readonly Node[]>): Node[] {
  const reached: Node[] = [];
  let front: readonly Node[] = [core];
  for (let step = 0; step < 4; step++) {
    front = front.flatMap((node) => readers.get(node.outputs[0] as Value) ?? []).filter(isElementary);
    reached.push(...front.filter(({ op }) => op === 'Mul' || op === 'Div'));
  }
  return reached;
}

/** What a chain is read from: its constants and the nodes that make its values. */
interface Knowledge {
  producer(value: Value): Node | undefined;
  /** A constant of one number. */
  number(value: Value): number | undefined;
}

function knowledgeOf(graph: Graph): Knowledge {
  const makers = producers(graph);
  const { tensorOf } = constantsOf(graph);
  return {
    producer: (value) => {
      const node = makers.get(value);
      return node && isElementary(node) ? node : undefined;
    },
    number: (value) => {
      const stored = tensorOf(value);
      return stored?.dtype === 'float32' && stored.shape.every((size) => size === 1) ? floatsOf(stored)[0] : undefined;
    },
  };
}

/** The values that an Erf or Tanh is computed from by elementary ops, nearest first. */
function sourcesOf(core: Node, known: Knowledge): Value[] {
  const sources = new Set<Value>();
  let front: readonly Value[] = core.inputs as readonly Value[];
  for (let step = 0; step < 7 && front.length > 0; step++) {
    const fresh = front.filter((value) => known.number(value) === undefined && !sources.has(value));
    for (const value of fresh) sources.add(value);
    front = fresh.flatMap((value) => (known.producer(value)?.inputs ?? []) as readonly Value[]);
  }
  return [...sources];
}

/** The values computed on the way from `x` to `y` and the constants that they take, both ends left out. */
function between(x: Value, y: Value, known: Knowledge): Value[] {
  const inputs = known.producer(y)?.inputs as readonly Value[] | undefined;
  return (inputs ?? []).filter((value) => value !== x).flatMap((value) => [value, ...between(x, value, known)]);
}

const isGelu = (y: Value, x: Value, approximate: Chain['approximate'], known: Knowledge): boolean =>
  points.every((at) => Math.abs(valueAt(y, x, at, known) - gelu[approximate](at)) <= 1e-6 * Math.max(1, Math.abs(at)));

const points = [-4, -1.7, -0.9, -0.3, 0, 0.2, 0.7, 1.3, 2.9];

/** In the place of the error function: what matters is how a chain uses it, and any curve tells. */
const erf = Math.atan;

const gelu = {
  none: (x: number) => (x / 2) * (1 + erf(x / Math.SQRT2)),
  tanh: (x: number) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
};

/** What `value` is where `x` is `at`; NaN where it depends on something else. */
function valueAt(value: Value, x: Value, at: number, known: Knowledge, depth = 0): number {
  if (value === x) return at;
  const stored = known.number(value);
  if (stored !== undefined) return stored;
  const node = known.producer(value);
  if (!node || depth > 12) return Number.NaN;
  const [a, b] = node.inputs.map((input) => valueAt(input as Value, x, at, known, depth + 1)) as [number, number];
  return (elementary[node.op] as Elementary)(a, b);
}

type Elementary = (a: number, b: number) => number;

const elementary: Readonly<Record<string, Elementary>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Pow: (a, b) => a ** b,
  Sqrt: Math.sqrt,
  Tanh: Math.tanh,
  Erf: erf,
};

const isElementary = ({ op, domain }: Node): boolean => isDefaultDomain(domain) && Object.hasOwn(elementary, op);
