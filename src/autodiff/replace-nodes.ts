/** replaceNodes: nodes give way to others that compute the same, in subgraphs too. */
import { UserError } from '../errors.js';
import { subgraphs } from '../ir/graph.js';
import type { Graph, Node, TensorType, Value } from '../ir/types.js';
import { namesIn } from '../ops/builder.js';
import { Tape } from '../ops/tape.js';
import { mapBodies, substituteNode } from '../rewrite/substitute.js';

/** Emits what computes a node's outputs; undefined for a node that stays. */
export type Replacement = (node: Node) => ((g: Tape, node: Node) => readonly (Value | null)[]) | undefined;

/**
 * `graph` with one round of replacements; the same object where no node has one. Outputs keep their names.
 * @param types of every value that a replacement asks about.
 * @param refused hears of a node whose replacement throws, which then stays; without it the caller does.
 */
export function replaceNodes(
  graph: Graph,
  types: ReadonlyMap<Value, TensorType>,
  replacement: Replacement,
  refused?: (node: Node, refusal: UserError) => void,
): Graph {
  if (!hasReplaceable(graph, replacement)) return graph;
  const g = new Tape(graph, { types, taken: namesIn(graph), backward: () => new Map() });
  return replaceInto(g, graph, refused ? listened(replacement, refused) : replacement);
}

/** A node whose replacement is refused gives its own outputs. */
function listened(replacement: Replacement, refused: (node: Node, refusal: UserError) => void): Replacement {
  return (node) => {
    const emit = replacement(node);
    return (
      emit &&
      ((g) => {
        const before = g.nodes.length;
        try {
          return emit(g, node);
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          refused(node, error);
          g.nodes.splice(before, g.nodes.length, node);
          return node.outputs;
        }
      })
    );
  };
}

function replaceInto(g: Tape, graph: Graph, replacement: Replacement): Graph {
  const nodes = graph.nodes.flatMap((node) => {
    const emit = replacement(node);
    if (emit) return replaced(g, node, emit);
    const attrs = mapBodies(node.attrs, (body) =>
      hasReplaceable(body, replacement) ? replaceInto(g.inner(body), body, replacement) : body,
    );
    return [attrs === node.attrs ? node : { ...node, attrs }];
  });
  return { ...graph, nodes, initializers: new Map([...graph.initializers, ...g.initializers]) };
}

const hasReplaceable = (graph: Graph, replacement: Replacement): boolean =>
  graph.nodes.some(
    (node) => replacement(node) !== undefined || subgraphs(node).some((body) => hasReplaceable(body, replacement)),
  );

/** The emitted nodes, the last values of which take the names that the node's outputs have. */
function replaced(g: Tape, node: Node, emit: (g: Tape, node: Node) => readonly (Value | null)[]): readonly Node[] {
  const before = g.nodes.length;
  const made = emit(g, node);
  const emitted = g.nodes.splice(before);
  const own = new Set(emitted.flatMap(({ outputs }) => outputs));
  const renamed = new Map<Value, Value>();
  const copies: Node[] = [];
  for (const [i, output] of node.outputs.entries()) {
    const value = made[i];
    if (!output || !value) continue;
    if (own.has(value) && !renamed.has(value)) renamed.set(value, output);
    else
      copies.push({
        name: `${output.name}/copy`,
        op: 'Identity',
        domain: '',
        inputs: [renamed.get(value) ?? value],
        outputs: [output],
        attrs: {},
      });
  }
  return [...emitted.map((each) => substituteNode(each, (value) => renamed.get(value) ?? value)), ...copies];
}
