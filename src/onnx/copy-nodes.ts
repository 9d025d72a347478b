/** Nodes with their values replaced, bodies of control flow included. */
import { isDefaultDomain } from '../ir/node.js';
import type { Attr, Graph, Node, Value } from '../ir/types.js';

/** What stands for a value: itself, another, or null for an optional input that was left out. */
export type Replace = (value: Value) => Value | null;

/** A node that is no longer the one in the file: its values replaced, its attributes rewritten by `attrsOf`. */
export function copyNode(node: Node, to: Replace, attrsOf: (node: Node) => Node['attrs'] = ({ attrs }) => attrs): Node {
  const { origin: _, ...rest } = node;
  const attrs = Object.entries(attrsOf(node)).map(([name, attr]) => [name, copyAttr(attr, to, attrsOf)] as const);
  return {
    ...rest,
    inputs: node.inputs.map((value) => value && to(value)),
    outputs: node.outputs.map((value) => value && to(value)),
    attrs: Object.fromEntries(attrs),
  };
}

function copyAttr(attr: Attr, to: Replace, attrsOf: (node: Node) => Node['attrs']): Attr {
  if (attr.kind === 'graph') return { ...attr, value: copyBody(attr.value, to, attrsOf) };
  if (attr.kind === 'graphs') return { ...attr, value: attr.value.map((body) => copyBody(body, to, attrsOf)) };
  return attr;
}

function copyBody(body: Graph, to: Replace, attrsOf: (node: Node) => Node['attrs']): Graph {
  const present = (value: Value): Value => to(value) ?? value;
  return {
    ...body,
    inputs: body.inputs.map(present),
    outputs: body.outputs.map(present),
    nodes: body.nodes.map((node) => copyNode(node, to, attrsOf)),
    initializers: new Map([...body.initializers].map(([value, t]) => [present(value), t])),
  };
}

/** A node that passes a value on as another; without a name, which need not be unique then. */
export const identity = (from: Value, to: Value): Node => ({
  name: '',
  op: 'Identity',
  domain: '',
  inputs: [from],
  outputs: [to],
  attrs: {},
});

/** The version of the default operator set that a graph is written for, if it imports one. */
export const defaultOpset = (opsets: ReadonlyMap<string, number>): number | undefined =>
  [...opsets].find(([domain]) => isDefaultDomain(domain))?.[1];
