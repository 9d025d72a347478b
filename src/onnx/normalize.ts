/** normalize: a working copy in one opset, without functions. What is saved keeps its own opset. */
import { UserError, unsupported } from '../errors.js';
import { consumers, subgraphs } from '../ir/graph.js';
import { describe, isDefaultDomain } from '../ir/node.js';
import type { FunctionDefinition, Graph, Node } from '../ir/types.js';
import { builderFor } from '../ops/builder.js';
import { constantsOf } from '../ops/constants.js';
import { defaultOpset } from './copy-nodes.js';
import { calledBy, inlineCall } from './inline-functions.js';
import { upgrades } from './upgrade/catalogue.js';
import { restamp } from './upgrade/newer.js';
import type { UpgradeContext } from './upgrade/upgrade.js';

/** The opset of working copies: the last one whose ops all run on the GPU. */
export const commonOpset = 21;

const oldestOpset = 7;

/** Nodes that calls may add: functions that call each other twice double with each, and forty of them fill any memory. */
const mostInlined = 100_000;
/** Calls and bodies inside each other: every walk over the nodes follows them down. */
const deepestInlined = 100;

/**
 * `graph` in opset 21 with model-local functions inlined, in subgraphs too. Values and initializers keep their identity; nodes
 * that mean the same in opset 21 stay the same objects. An upgraded node takes its new inputs from added initializers.
 * @param refused hears of a node whose form has no counterpart in opset 21, which then stays; without it the caller does.
 * @throws UserError (exit 3) naming such a node, or a call that cannot be inlined.
 */
export function normalize(graph: Graph, refused?: (node: Node, refusal: UserError) => void): Graph {
  const opset = defaultOpset(graph.opsets) ?? commonOpset;
  if (opset === commonOpset && graph.functions.length === 0) return graph;
  const g = builderFor(graph);
  const normalizer: Normalizer = { functions: graph.functions, g, calls: [], depth: 0, inlined: { nodes: 0 }, refused };
  const nodes = normalizeNodes(graph, opset, normalizer);
  return {
    ...graph,
    nodes,
    initializers: new Map([...graph.initializers, ...g.initializers]),
    opsets: new Map(
      [...graph.opsets].map(([domain, version]) => [domain, isDefaultDomain(domain) ? commonOpset : version]),
    ),
    functions: [],
  };
}

interface Normalizer {
  readonly functions: readonly FunctionDefinition[];
  readonly g: UpgradeContext['g'];
  /** Functions being inlined, outermost first. */
  readonly calls: readonly FunctionDefinition[];
  /** Calls and bodies around the node at hand. */
  readonly depth: number;
  /** What all calls have added so far. */
  readonly inlined: { nodes: number };
  readonly refused: ((node: Node, refusal: UserError) => void) | undefined;
}

function normalizeNodes(graph: Graph, opset: number, normalizer: Normalizer): readonly Node[] {
  if (opset < oldestOpset) {
    throw unsupported(
      `graph '${graph.name}'`,
      `expected opset ${oldestOpset} or later, got ${opset}; convert the model first`,
    );
  }
  const readers = consumers(graph);
  const outputs = new Set(graph.outputs);
  const context: UpgradeContext = {
    g: normalizer.g,
    opset,
    tensorOf: constantsOf(graph).tensorOf,
    isRead: (value) => readers.has(value) || outputs.has(value),
  };
  return graph.nodes.flatMap((node) => normalizeNode(node, context, normalizer));
}

function normalizeNode(node: Node, context: UpgradeContext, normalizer: Normalizer): readonly Node[] {
  const called = calledBy(node, normalizer.functions);
  if (called) return expandCall(node, called, normalizer);
  const outer = withBodies(node, context.opset, normalizer);
  if (!isDefaultDomain(node.domain) || context.opset === commonOpset) return [outer];
  try {
    return brought(outer, context);
  } catch (error) {
    if (!normalizer.refused || !(error instanceof UserError)) throw error;
    normalizer.refused(outer, error);
    return [outer];
  }
}

/** A node in the form that means the same in the common opset. */
function brought(node: Node, context: UpgradeContext): readonly Node[] {
  if (context.opset > commonOpset) return restamp(node, context);
  const upgrade = Object.hasOwn(upgrades, node.op) ? upgrades[node.op] : undefined;
  return upgrade && context.opset < upgrade.below ? upgrade.apply(node, context) : [node];
}

function expandCall(node: Node, called: FunctionDefinition, normalizer: Normalizer): readonly Node[] {
  const { g, calls, depth, inlined } = normalizer;
  if (calls.includes(called)) {
    throw unsupported(describe(node), `function ${called.name} calls itself; export the model without functions`);
  }
  inlined.nodes += nodesIn(called.body);
  if (inlined.nodes > mostInlined || depth >= deepestInlined) {
    const limit =
      depth >= deepestInlined ? `${deepestInlined} calls inside each other` : `${mostInlined} nodes in calls`;
    throw unsupported(describe(node), `expected at most ${limit}, got more; export the model without functions`);
  }
  const nodes = inlineCall(g, node, called);
  const opset = defaultOpset(called.body.opsets) ?? commonOpset;
  const body: Graph = { ...called.body, inputs: [], outputs: node.outputs.filter((value) => value !== null), nodes };
  return normalizeNodes(body, opset, { ...normalizer, calls: [...calls, called], depth: depth + 1 });
}

const nodesIn = (graph: Graph): number =>
  graph.nodes.reduce((total, node) => subgraphs(node).reduce((sum, body) => sum + nodesIn(body), total + 1), 0);

function withBodies(node: Node, opset: number, normalizer: Normalizer): Node {
  const normal = (body: Graph): Graph => ({
    ...body,
    nodes: normalizeNodes(body, opset, { ...normalizer, depth: normalizer.depth + 1 }),
    opsets: new Map(
      [...body.opsets].map(([domain, version]) => [domain, isDefaultDomain(domain) ? commonOpset : version]),
    ),
    functions: [],
  });
  const attrs = Object.entries(node.attrs).map(([name, attr]) => {
    if (attr.kind === 'graph') return [name, { ...attr, value: normal(attr.value) }] as const;
    if (attr.kind === 'graphs') return [name, { ...attr, value: attr.value.map(normal) }] as const;
    return [name, attr] as const;
  });
  return attrs.every(([name, attr]) => attr === node.attrs[name])
    ? node
    : { ...node, attrs: Object.fromEntries(attrs) };
}
