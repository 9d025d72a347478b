/** grad: reverse-mode differentiation, more nodes behind the ones that are there. */
import { UserError, unsupported } from '../errors.js';
import { captures, reads, subgraphs, valuesByName } from '../ir/graph.js';
import { describe } from '../ir/node.js';
import type { Graph, Node, TensorType, Value } from '../ir/types.js';
import { namesIn } from '../ops/builder.js';
import { opOf } from '../ops/catalogue.js';
import { isStop } from '../ops/stop.js';
import { Tape } from '../ops/tape.js';
import { isFloat } from '../tensor/dtype.js';

export interface Gradient {
  /** The graph with the gradient's nodes appended; its outputs are those it had. */
  readonly graph: Graph;
  /** For each of `wrt`, the value that holds its gradient, in its shape and type; zeros where `of` does not depend on it. */
  readonly gradients: ReadonlyMap<Value, Value>;
  /** Every cotangent that a rule gave, for `checkGradient`. */
  readonly flows: readonly Flow[];
}

/** A rule's answer: the cotangent it gave for one input of a node. */
export interface Flow {
  readonly node: Node;
  readonly input: Value;
  readonly cotangent: Value;
}

export interface GradOptions {
  /** Of every value between `wrt` and `of`, as `annotate` returns them. Sizes may be symbolic; ranks must be known. */
  readonly types: ReadonlyMap<Value, TensorType>;
  /** The cotangent of `of`, a value of the graph in its shape; default ones: the gradient of the sum. */
  readonly seed?: Value;
  /** Names that the gradient's nodes must leave free. */
  readonly reserved?: Iterable<string>;
}

/**
 * Appends the gradient of `of` with respect to inputs, initializers, constants or inner values, in standard ops.
 * Two cotangents that meet are added in pairs; nothing flows through `stop`.
 * @throws UserError (exit 3) naming the first op without a rule that a cotangent reaches.
 */
export function grad(graph: Graph, of: Value, wrt: readonly Value[], options: GradOptions): Gradient {
  const { types, seed, reserved = [] } = options;
  checkValues(graph, [of, ...wrt], types);
  const flows: Flow[] = [];
  const g = new Tape(graph, { types, taken: [...namesIn(graph), ...reserved], backward });
  const start = seed ?? g.op('Expand', [g.num(of, 1), g.shapeOf(of)]);
  const found = backward(g, graph, new Map([[of, start]]), wrt, flows);
  const gradients = new Map(wrt.map((value) => [value, found.get(value) ?? g.zerosLike(value)]));
  return { graph: g.appendTo(graph), gradients, flows };
}

/** The reverse walk: from cotangents of some values to those of `wrt`. */
function backward(
  g: Tape,
  graph: Graph,
  seeds: ReadonlyMap<Value, Value>,
  wrt: readonly Value[],
  flows: Flow[] = [],
): ReadonlyMap<Value, Value> {
  const active = reachedFrom(graph, wrt, g);
  const cotangents = new Map(seeds);
  for (const node of graph.nodes.toReversed()) {
    const dy = node.outputs.map((value) => (value && cotangents.get(value)) ?? null);
    if (dy.every((value) => value === null) || !reads(node).some((value) => active.has(value))) continue;
    const dx = cotangentsOf(g, dy, node, { active, graph });
    [...node.inputs, ...subgraphs(node).flatMap(captures)].forEach((input, i) => {
      const arrived = dx[i];
      if (!input || !arrived || !active.has(input)) return;
      if (!isInteger(g, input)) flows.push({ node, input, cotangent: arrived });
      accumulate(g, cotangents, input, arrived);
    });
  }
  return cotangents;
}

/**
 * Values that depend on `wrt` by floating-point paths: only their cotangents are worth having. What is no tensor counts too: an
 * op that makes a tensor of it has no rule, and is refused instead of passed over.
 */
function reachedFrom(graph: Graph, wrt: readonly Value[], g: Tape): Set<Value> {
  const active = new Set(wrt);
  for (const node of graph.nodes) {
    if (isStop(node) || !reads(node).some((value) => active.has(value))) continue;
    for (const value of node.outputs) {
      if (value && (g.isFloat(value) || g.isOpaque(value) || carriesInteger(g, node, value, active))) active.add(value);
    }
  }
  return active;
}

const isInteger = (g: Tape, value: Value): boolean => !g.isFloat(value) && !g.isOpaque(value);

/** Quantised values carry cotangents, arranged anew too, and into ops that have no rule: those are refused, not passed over. */
function carriesInteger(g: Tape, node: Node, value: Value, active: ReadonlySet<Value>): boolean {
  const op = opOf(node);
  if (op?.carriesIntegers) return true;
  return reads(node).some(
    (input) => active.has(input) && isInteger(g, input) && (!op?.vjp || g.dtype(input) === g.dtype(value)),
  );
}

function cotangentsOf(
  g: Tape,
  dy: readonly (Value | null)[],
  node: Node,
  { active, graph }: { readonly active: ReadonlySet<Value>; readonly graph: Graph },
): readonly (Value | null | undefined)[] {
  const rule = opOf(node)?.vjp;
  if (!rule) {
    const opset = graph.opsets.get(node.domain) ?? graph.opsets.get('ai.onnx') ?? 'unknown';
    throw unsupported(
      'grad',
      `expected a gradient rule for ${describe(node)} of opset ${opset}, found none; extract the graph before it, or add one in src/ops`,
    );
  }
  const dx = rule(g, dy, node, (value) => active.has(value));
  if (!dx.some((value) => value) && node.inputs.some((value) => value && active.has(value) && isInteger(g, value))) {
    throw unsupported(describe(node), 'nothing flows back into quantised integers; extract the graph before it');
  }
  return dx;
}

function accumulate(g: Tape, cotangents: Map<Value, Value>, value: Value, arrived: Value): void {
  const before = cotangents.get(value);
  cotangents.set(value, before ? g.add(before, arrived) : arrived);
}

function checkValues(graph: Graph, values: readonly Value[], types: ReadonlyMap<Value, TensorType>): void {
  const known = valuesByName(graph);
  for (const value of values) {
    if (known.get(value.name) !== value)
      throw new UserError('grad', `expected a value of the graph, got '${value.name}'`);
    const dtype = (types.get(value) ?? value.type ?? graph.initializers.get(value))?.dtype;
    if (dtype && !isFloat(dtype))
      throw new UserError('grad', `expected a floating-point value, got '${value.name}' of ${dtype}`);
  }
}
