/** walk: the reverse order of the nodes, and what each node's rule makes of the cotangents that arrive there. */
import { UserError, unsupported } from '../errors.js';
import { captures, reads, subgraphs } from '../ir/graph.js';
import { describe, isDefaultDomain } from '../ir/node.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { opOf } from '../ops/catalogue.js';
import { isStop } from '../ops/stop.js';
import type { Backward, Tape } from '../ops/tape.js';

/** A rule's answer: the cotangent it gave for one input of a node. */
export interface Flow {
  readonly node: Node;
  readonly input: Value;
  readonly cotangent: Value;
}

export interface Listener {
  /** Hears every cotangent of a tensor of real numbers that a rule gave, those in subgraphs excepted. */
  flow?(flow: Flow): void;
  /** Hears a refusal instead of the caller: the walk goes on as if the rule had answered, and what it emits is no use. */
  refused?(node: Node, refusal: UserError): void;
}

/** A reverse walk: from cotangents of some values to those of `wrt`. Two that meet are added; nothing flows through `stop`. */
export function walk(listener: Listener = {}): Backward {
  return (g, graph, seeds, wrt) => {
    const active = reachedFrom(graph, wrt, g);
    const cotangents = new Map(seeds);
    for (const node of graph.nodes.toReversed()) {
      const dy = node.outputs.map((value) => (value && cotangents.get(value)) ?? null);
      if (dy.every((value) => value === null) || !reads(node).some((value) => active.has(value))) continue;
      const dx = answer(g, dy, node, { active, graph, listener });
      readsOf(node).forEach((input, i) => {
        const arrived = dx[i];
        if (!input || !arrived || !active.has(input)) return;
        if (!isInteger(g, input)) listener.flow?.({ node, input, cotangent: arrived });
        accumulate(g, cotangents, input, arrived);
      });
    }
    return cotangents;
  };
}

/** In the order of a rule's answer. */
const readsOf = (node: Node): readonly (Value | null)[] => [...node.inputs, ...subgraphs(node).flatMap(captures)];

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

interface Place {
  readonly active: ReadonlySet<Value>;
  readonly graph: Graph;
  readonly listener: Listener;
}

type Answer = readonly (Value | null | undefined)[];

/** What the rule gives; where it refuses and somebody listens, a stand-in for every cotangent that it could have given. */
function answer(g: Tape, dy: readonly (Value | null)[], node: Node, place: Place): Answer {
  const { listener } = place;
  if (!listener.refused) return cotangentsOf(g, dy, node, place);
  try {
    return cotangentsOf(g, dy, node, place);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    listener.refused(node, error);
    for (const body of subgraphs(node)) {
      const seeds = body.outputs.filter((value) => !isInteger(g, value)).map((value) => [value, standIn(g)] as const);
      g.backward(g.inner(body), body, new Map(seeds), [...body.inputs.filter((x) => g.isFloat(x)), ...place.active]);
    }
    return readsOf(node).map((value) => value && standIn(g));
  }
}

const standIn = (g: Tape): Value => g.value('refused');

function cotangentsOf(g: Tape, dy: readonly (Value | null)[], node: Node, { active, graph }: Place): Answer {
  const rule = opOf(node)?.vjp;
  if (!rule) {
    throw unsupported(
      'grad',
      `expected a gradient rule for ${describe(node)} of opset ${opsetOf(graph, node)}, found none; extract the graph before it, or add one in src/ops`,
    );
  }
  const dx = rule(g, dy, node, (value) => active.has(value));
  if (!dx.some((value) => value) && node.inputs.some((value) => value && active.has(value) && isInteger(g, value))) {
    throw unsupported(describe(node), 'nothing flows back into quantised integers; extract the graph before it');
  }
  return dx;
}

/** The version of a node's domain that its graph imports. */
export const opsetOf = ({ opsets }: Graph, { domain }: Node): number =>
  opsets.get(domain) ?? (isDefaultDomain(domain) ? (opsets.get('') ?? opsets.get('ai.onnx')) : undefined) ?? 1;

function accumulate(g: Tape, cotangents: Map<Value, Value>, value: Value, arrived: Value): void {
  const before = cotangents.get(value);
  cotangents.set(value, before ? g.sum(before, arrived) : arrived);
}
