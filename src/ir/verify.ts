/** The invariants every graph keeps: each name has one meaning, and everything is made before it is read. */
import { UserError } from '../errors.js';
import { subgraphs } from './graph.js';
import { describe } from './node.js';
import type { Graph, Node, Value } from './types.js';

/** What each name means where we stand; a subgraph sees its parent's names. */
interface Scope {
  readonly values: Map<string, Value>;
  readonly outer?: Scope;
}

/**
 * Checks that names are unique in their scope, that every value read was made before and is the very object its name
 * stands for, and that all outputs are made; bodies of control flow and of functions included.
 * @throws UserError that names the first violation.
 */
export function verify(graph: Graph): void {
  verifyBody(graph, undefined);
  for (const { body, name } of graph.functions) {
    try {
      verifyBody(body, undefined);
    } catch (error) {
      throw new UserError(`function '${name}'`, (error as Error).message, { cause: error });
    }
  }
}

function verifyBody(graph: Graph, outer: Scope | undefined): void {
  const scope: Scope = outer ? { values: new Map(), outer } : { values: new Map() };
  for (const value of graph.inputs) define(scope, value, 'graph input');
  for (const value of graph.initializers.keys()) {
    // files of IR version 3 and below list their initializers among the inputs too
    if (scope.values.get(value.name) !== value) define(scope, value, 'initializer');
  }
  for (const node of graph.nodes) verifyNode(graph, node, scope);
  for (const value of graph.outputs) {
    const found = lookUp(scope, value.name);
    if (!found) throw new UserError('verify', `output '${value.name}' is made by no node; export the model again`);
    if (found !== value)
      throw new UserError('verify', `output '${value.name}' is not the value of that name; export the model again`);
  }
}

function verifyNode(graph: Graph, node: Node, scope: Scope): void {
  const where = describe(node);
  for (const value of node.inputs) {
    if (!value) continue;
    const found = lookUp(scope, value.name);
    if (!found) throw new UserError(where, missing(graph, value));
    if (found !== value)
      throw new UserError(where, `reads a '${value.name}' that is not the value of that name; export the model again`);
  }
  for (const body of subgraphs(node)) verifyBody(body, scope);
  for (const value of node.outputs) if (value) define(scope, value, where);
}

const missing = (graph: Graph, value: Value): string =>
  graph.nodes.some((node) => node.outputs.includes(value))
    ? `reads '${value.name}' before it is made; nodes must be in topological order`
    : `reads '${value.name}', which nothing makes; export the model again`;

function define(scope: Scope, value: Value, where: string): void {
  if (value.name === '')
    throw new UserError(where, 'expected a name for every value, got an empty one; export the model again');
  if (scope.values.has(value.name))
    throw new UserError(where, `the name '${value.name}' is taken already; export the model again`);
  scope.values.set(value.name, value);
}

function lookUp(scope: Scope | undefined, name: string): Value | undefined {
  for (let at = scope; at; at = at.outer) {
    const found = at.values.get(name);
    if (found) return found;
  }
  return undefined;
}
