/** Model-local functions: a call becomes the nodes of the function's body. */
import { unsupported } from '../errors.js';
import { describe, isDefaultDomain } from '../ir/node.js';
import type { Attr, FunctionDefinition, Node, Value } from '../ir/types.js';
import type { Builder } from '../ops/builder.js';
import { copyNode, identity, type Replace } from './copy-nodes.js';

/** The function that a node calls, if it calls one. */
export const calledBy = (node: Node, functions: readonly FunctionDefinition[]): FunctionDefinition | undefined =>
  functions.find(
    ({ domain, name, overload }) =>
      name === node.op &&
      (domain === node.domain || (isDefaultDomain(domain) && isDefaultDomain(node.domain))) &&
      overload === (node.overload ?? ''),
  );

/**
 * The nodes of one call, under fresh names and with the call's attributes; calls inside the body are left as they are.
 * @throws UserError (exit 3) when an attribute has neither a value nor a default but is needed.
 */
export function inlineCall(g: Builder, call: Node, definition: FunctionDefinition): Node[] {
  const { body } = definition;
  const known = new Map<Value, Value | null>(body.inputs.map((value, i) => [value, call.inputs[i] ?? null]));
  const tail: Node[] = [];
  body.outputs.forEach((value, i) => {
    const wanted = call.outputs[i];
    if (!wanted) return;
    if (!known.has(value)) known.set(value, wanted);
    else tail.push(identity(known.get(value) as Value, wanted));
  });
  const to: Replace = (value) => {
    if (!known.has(value)) known.set(value, g.value(value.name, value.type));
    return known.get(value) as Value | null;
  };
  const attrsOf = (node: Node): Node['attrs'] => resolved(node, call, definition);
  const nodes = body.nodes.map((node) => ({
    ...copyNode(node, to, attrsOf),
    name: g.value(node.name || node.op).name,
  }));
  return [...nodes, ...tail];
}

const ownOf = (attrs: Node['attrs'], name: string): Attr | undefined =>
  Object.hasOwn(attrs, name) ? attrs[name] : undefined;

/** Attributes of a body's node, with references replaced by what the call gives or the function defaults to. */
function resolved(node: Node, call: Node, { name, attributes, defaults }: FunctionDefinition): Node['attrs'] {
  const entries = Object.entries(node.attrs).flatMap(([key, attr]) => {
    if (attr.kind !== 'reference') return [[key, attr] as const];
    const given = ownOf(call.attrs, attr.value) ?? ownOf(defaults, attr.value);
    // A declared attribute that the call leaves out is left out in the body too.
    if (!given && !attributes.includes(attr.value)) {
      throw unsupported(
        describe(call),
        `function ${name} refers to an attribute '${attr.value}' that it does not have; export the model without functions`,
      );
    }
    return given ? [[key, given] as const] : [];
  });
  return Object.fromEntries(entries);
}
