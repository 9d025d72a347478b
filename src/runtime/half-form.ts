/** halfForms: which nodes have a form in half precision, asked of the runtime, which knows the types that every op allows. */
import { exitCodes, UserError } from '../errors.js';
import { attrs } from '../ir/node.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { type DataType, dataTypes } from '../tensor/dtype.js';
import { openSession } from './session.js';

type HalfType = 'float16' | 'bfloat16';

/** A node with what it says of types itself in that precision. */
type NodeIn = (to: HalfType) => Node;

/**
 * The element types of a node's outputs once its inputs of float32 are of `to`; undefined where the op allows no such inputs.
 * The node is given with its attributes for either precision, as what is of bfloat16 cannot leave a session.
 * Nodes of the same op, attributes and types are asked about once. Whether there is a kernel does not count: one is a matter of providers.
 */
export function halfForms(
  graph: Graph,
  to: HalfType,
): (node: NodeIn, inputs: readonly (DataType | undefined)[]) => Promise<readonly (DataType | undefined)[] | undefined> {
  const known = new Map<string, Promise<readonly (DataType | undefined)[] | undefined>>();
  return (nodeIn, inputs) => {
    const node = nodeIn(to);
    const key = JSON.stringify([
      node.domain,
      node.op,
      inputs,
      node.outputs.map((value) => value !== null),
      attrsKey(node),
    ]);
    const found = known.get(key) ?? formOf(graph, nodeIn, inputs, to);
    known.set(key, found);
    return found;
  };
}

const attrsKey = (node: Node): string =>
  JSON.stringify(node.attrs, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));

async function formOf(
  graph: Graph,
  nodeIn: NodeIn,
  inputs: readonly (DataType | undefined)[],
  to: HalfType,
): Promise<readonly (DataType | undefined)[] | undefined> {
  const types = await outputTypes(graph, nodeIn('float16'), inputs);
  if (!types || to === 'float16') return types;
  // types that follow from the inputs do so in either precision
  return (await allowsBfloat16(graph, nodeIn(to), inputs))
    ? types.map((dtype) => (dtype === 'float16' ? 'bfloat16' : dtype))
    : undefined;
}

/** With float16, which may enter and leave a session. */
async function outputTypes(
  graph: Graph,
  node: Node,
  inputs: readonly (DataType | undefined)[],
): Promise<readonly (DataType | undefined)[] | undefined> {
  const { alone, outputs } = isolated(graph, node, inputs, (dtype) => (dtype === 'float32' ? 'float16' : dtype));
  try {
    const session = await openSession(alone, { optimization: 'disabled', threads: 1 });
    const types = new Map(
      session.outputMetadata.map((output) => [output.name, output.isTensor ? output.type : undefined]),
    );
    await session.release();
    return outputs.map((value) => value && (types.get(value.name) as DataType | undefined)) as (DataType | undefined)[];
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** bfloat16 may not enter a session: it is cast to inside, and of what comes out the shape alone is asked for. */
async function allowsBfloat16(graph: Graph, node: Node, inputs: readonly (DataType | undefined)[]): Promise<boolean> {
  const { alone, values, outputs } = isolated(graph, node, inputs, (dtype) => dtype);
  const casts = values.flatMap((value) => (value?.type?.dtype === 'float32' ? [cast(value)] : []));
  const halves = new Map(casts.map(({ inputs: [from], outputs: [made] }) => [from, made]));
  const [own] = alone.nodes as [Node];
  const first = outputs.find((value) => value !== null);
  const shape: Value = { name: 'shape of output' };
  const asked: Graph = {
    ...alone,
    outputs: [shape],
    nodes: [
      ...casts,
      { ...own, inputs: own.inputs.map((value) => (value ? (halves.get(value) ?? value) : null)) },
      { name: 'shape', op: 'Shape', domain: '', inputs: [first ?? null], outputs: [shape], attrs: {} },
    ],
  };
  try {
    await (await openSession(asked, { optimization: 'disabled', threads: 1 })).release();
    return true;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // the types were allowed, and there is only no kernel
    return error.exitCode === exitCodes.unsupported && error.message.includes('no kernel');
  }
}

const cast = (from: Value): Node => ({
  name: `cast of ${from.name}`,
  op: 'Cast',
  domain: '',
  inputs: [from],
  outputs: [{ name: `${from.name} as bfloat16` }],
  attrs: attrs({ to: dataTypes.bfloat16.code }),
});

/** The node as a graph of its own, every input of it fed. */
function isolated(
  graph: Graph,
  node: Node,
  inputs: readonly (DataType | undefined)[],
  typed: (dtype: DataType) => DataType,
): { alone: Graph; values: readonly (Value | null)[]; outputs: readonly (Value | null)[] } {
  const values = node.inputs.map((value, i): Value | null => {
    const dtype = inputs[i];
    return value && dtype ? { name: `input ${i}`, type: { dtype: typed(dtype) } } : null;
  });
  const outputs = node.outputs.map((value, i): Value | null => value && { name: `output ${i}` });
  const { origin: _, ...plain } = node;
  const alone: Graph = {
    ...graph,
    inputs: values.filter((value) => value !== null),
    outputs: outputs.filter((value) => value !== null),
    nodes: [{ ...plain, inputs: values, outputs }],
    initializers: new Map(),
    functions: [],
  };
  return { alone, values, outputs };
}
