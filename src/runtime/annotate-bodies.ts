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
    const found = bodyOutputs(graph, new Map([...types, ...bodies])).filter(([value]) => !declared.has(value));
    if (found.length === 0) return { types, bodies };
    for (const [value, type] of found) declared.set(value, type);
  }
}

/** What leaves bodies that the runtime gives no rank: the bodies themselves tell. */
function bodyOutputs(graph: Graph, types: Types): [Value, TensorType][] {
  return graph.nodes.flatMap((node) =>
    node.outputs.flatMap((value, i): [Value, TensorType][] => {
      const type = value && !types.get(value)?.shape ? outputType(node, i, types) : undefined;
      return value && type?.shape ? [[value, type]] : [];
    }),
  );
}

/** What is carried keeps the sizes that it starts with, if it does; branches have the sizes in which they agree. */
function outputType(node: Node, i: number, types: Types): TensorType | undefined {
  const bodies = subgraphs(node);
  const [body] = bodies;
  if (!body) return undefined;
  if (node.op === 'If') return bodies.map((branch) => types.get(branch.outputs[i] as Value)).reduce(agreed);
  const states = node.op === 'Loop' ? node.inputs.length - 2 : node.inputs.length - intAttr(node, 'num_scan_inputs', 0);
  const type = types.get(body.outputs[node.op === 'Loop' ? i + 1 : i] as Value);
  if (!type?.shape) return undefined;
  if (i < states) return agreed(type, types.get(node.inputs[node.op === 'Loop' ? i + 2 : i] as Value));
  const axis = intsAttr(node, 'scan_output_axes')?.[i - states] ?? 0;
  return { ...type, shape: type.shape.toSpliced(axis < 0 ? axis + type.shape.length + 1 : axis, 0, null) };
}

function agreed(a: TensorType | undefined, b: TensorType | undefined): TensorType | undefined {
  if (!a?.shape || (b?.shape && b.shape.length !== a.shape.length)) return undefined;
  return { ...a, shape: a.shape.map((size, axis) => (size === b?.shape?.[axis] ? size : null)) };
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
      const inside = (await annotateBody(graph, node, body, types)) ?? [];
      for (const [value, type] of inside) found.set(value, type);
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
  const inside = await annotateDeep(substitute(whole, (value) => typed.get(value) ?? value));
  const own = [...inside.types, ...inside.bodies].map(([value, type]) => [twins.get(value) ?? value, type] as const);
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
