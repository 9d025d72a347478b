/** Types of values inside the bodies of If, Loop and Scan, each annotated as a graph of its own. */
import { captures, subgraphs } from '../ir/graph.js';
import { intAttr, intsAttr } from '../ir/node.js';
import type { Graph, Node, TensorType, Value } from '../ir/types.js';
import { substitute } from '../rewrite/substitute.js';
import { annotateSymbolic } from './annotate.js';

type Types = ReadonlyMap<Value, TensorType>;

/** The types of all values of `graph`, and of those in its subgraphs. */
export async function annotateDeep(graph: Graph): Promise<{ readonly types: Types; readonly bodies: Types }> {
  const declared = new Map<Value, TensorType>();
  for (;;) {
    const types = await annotateSymbolic(graph, declared);
    const bodies = await annotateBodies(graph, types);
    const found = loopOutputs(graph, new Map([...types, ...bodies])).filter(([value]) => !declared.has(value));
    if (found.length === 0) return { types, bodies };
    for (const [value, type] of found) declared.set(value, type);
  }
}

/** The runtime gives what leaves a Loop no rank; its body tells. What is carried keeps the sizes that it starts with, if it does. */
function loopOutputs(graph: Graph, types: Types): [Value, TensorType][] {
  return graph.nodes.flatMap((node) => {
    const body = node.op === 'Loop' ? subgraphs(node)[0] : undefined;
    if (!body) return [];
    const states = node.inputs.length - 2;
    return node.outputs.flatMap((value, i): [Value, TensorType][] => {
      const type = types.get(body.outputs[i + 1] as Value);
      if (!value || !type?.shape || types.get(value)?.shape) return [];
      if (i >= states) return [[value, { ...type, shape: [null, ...type.shape] }]];
      const start = types.get(node.inputs[i + 2] as Value)?.shape ?? [];
      return [[value, { ...type, shape: type.shape.map((size, axis) => (size === start[axis] ? size : null)) }]];
    });
  });
}

/**
 * The types of all values in subgraphs of `graph`, nested ones too. A body is left out where a type of what it takes in is
 * not known.
 * @param types of the values of `graph` itself, as `annotateSymbolic` gives them.
 */
export async function annotateBodies(graph: Graph, types: Types): Promise<Types> {
  const found = new Map<Value, TensorType>();
  for (const node of graph.nodes) {
    for (const body of subgraphs(node)) {
      const inside = await annotateBody(graph, node, body, types);
      if (!inside) continue;
      for (const [value, type] of inside) found.set(value, type);
      const nested: Graph = { ...body, initializers: new Map([...graph.initializers, ...body.initializers]) };
      for (const [value, type] of await annotateBodies(nested, new Map([...types, ...inside]))) found.set(value, type);
    }
  }
  return found;
}

async function annotateBody(graph: Graph, node: Node, body: Graph, types: Types): Promise<Types | undefined> {
  const outer = captures(body);
  const typed = new Map<Value, Value>();
  const parameters = inputTypes(node, body, types);
  for (const [i, value] of body.inputs.entries()) typed.set(value, typedAs(value, parameters[i] ?? value.type));
  for (const value of outer) typed.set(value, typedAs(value, types.get(value) ?? value.type));
  if ([...typed.values()].some(({ type }) => type === undefined)) return undefined;
  const constants = outer.flatMap((value) => {
    const t = graph.initializers.get(value);
    return t ? [[value, t] as const] : [];
  });
  const whole: Graph = {
    ...body,
    opsets: graph.opsets,
    functions: graph.functions,
    inputs: [...body.inputs, ...outer.filter((value) => !graph.initializers.has(value))],
    initializers: new Map([...constants, ...body.initializers]),
  };
  const twins = new Map([...typed].map(([value, twin]) => [twin, value]));
  const inside = await annotateSymbolic(substitute(whole, (value) => typed.get(value) ?? value));
  const own = [...inside].map(([value, type]) => [twins.get(value) ?? value, type] as const);
  return new Map(own.filter(([value]) => !outer.includes(value)));
}

const typedAs = ({ name }: Value, type: TensorType | undefined): Value => (type ? { name, type } : { name });

/** What flows into a body's inputs; carried values are taken to keep the shape they start with. */
function inputTypes(node: Node, body: Graph, types: Types): readonly (TensorType | undefined)[] {
  const given = node.inputs.map((value) => (value ? (types.get(value) ?? value.type) : undefined));
  if (node.op === 'Loop') {
    const fixed: TensorType[] = [
      { dtype: 'int64', shape: [] },
      { dtype: 'bool', shape: [] },
    ];
    return [...fixed, ...given.slice(2).map((type, i) => narrowed(type, body.outputs[i + 1]?.type))];
  }
  if (node.op !== 'Scan') return [];
  const scanned = intAttr(node, 'num_scan_inputs', 0);
  const states = given.length - scanned;
  const axes = intsAttr(node, 'scan_input_axes') ?? [];
  return given.map((type, i) => (i < states ? type : sliced(type, axes[i - states] ?? 0)));
}

/** A carried value whose declared output has another size changes size from step to step. */
function narrowed(start: TensorType | undefined, end: TensorType | undefined): TensorType | undefined {
  if (!start?.shape || !end?.shape || start.shape.length !== end.shape.length) return start;
  const next = end.shape;
  return {
    ...start,
    shape: start.shape.map((size, i) => (typeof next[i] === 'number' && next[i] !== size ? null : size)),
  };
}

function sliced(type: TensorType | undefined, axis: number): TensorType | undefined {
  if (!type?.shape) return type;
  const at = axis < 0 ? axis + type.shape.length : axis;
  return { ...type, shape: type.shape.filter((_, i) => i !== at) };
}
