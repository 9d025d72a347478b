/** Small graphs for tests, and their numbers with the runtime's optimizer off. */
import { attrs } from '../../src/ir/node.js';
import type { Dimension, Graph, Node, Value } from '../../src/ir/types.js';
import { compile } from '../../src/runtime/program.js';
import type { DataType } from '../../src/tensor/dtype.js';
import { dataOf, float32, type Tensor } from '../../src/tensor/tensor.js';

/** A float32 value of that shape, or one of another type. */
export const typed = (name: string, shape: readonly Dimension[], dtype: DataType = 'float32'): Value => ({
  name,
  type: { dtype, shape },
});

export const node = (
  op: string,
  inputs: readonly (Value | null)[],
  outputs: readonly (Value | null)[],
  attributes: Parameters<typeof attrs>[0] = {},
): Node => ({ name: outputs[0]?.name ?? op, op, domain: '', inputs, outputs, attrs: attrs(attributes) });

export const graphOf = (parts: Partial<Graph>): Graph => ({
  name: 'test',
  inputs: [],
  outputs: [],
  nodes: [],
  initializers: new Map(),
  opsets: new Map([['', 21]]),
  functions: [],
  ...parts,
});

/** sin(1), sin(2), ...: every element differs and none is zero. */
export const waves = (shape: readonly number[], step = 1): Tensor =>
  float32(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin((i + 1) * step)),
  );

export const opsOf = (graph: Graph): string[] => graph.nodes.map(({ op }) => op);

/** The outputs as plain arrays, by name. Feeds are given by name, so that they fit a graph before and after a rewrite. */
export async function numbers(graph: Graph, fed: Readonly<Record<string, Tensor>>): Promise<Record<string, number[]>> {
  const program = await compile(graph, { optimization: 'disabled', threads: 1 });
  try {
    const results = await program.run(new Map(program.inputs.map((input) => [input, fed[input.name] as Tensor])));
    return Object.fromEntries([...results].map(([value, t]) => [value.name, Array.from(dataOf(t), Number)]));
  } finally {
    await program.release();
  }
}
