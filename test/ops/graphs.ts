/** Graphs with one weighted node each, for the tests of weight views. */
import type { AttrInput } from '../../src/ir/node.js';
import type { Dimension, Graph, Value } from '../../src/ir/types.js';
import { Builder } from '../../src/ops/builder.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';

/** Numbers in [-1, 1) from a small generator, the same in every run. */
export function noise(count: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

export const noisy = (shape: readonly number[], seed?: number): Tensor =>
  float32(
    shape,
    noise(
      shape.reduce((product, size) => product * size, 1),
      seed,
    ),
  );

/** A graph input of float32; a string is a symbolic dimension. */
export const input = (name: string, shape: readonly Dimension[]): Value => ({
  name,
  type: { dtype: 'float32', shape },
});

/** The graph that `emit` builds; it returns the outputs. */
export function graphOf(
  inputs: readonly Value[],
  emit: (g: Builder) => readonly Value[],
  opset = 17,
  contrib = false,
): Graph {
  const g = new Builder(
    inputs.map(({ name }) => name),
    'test',
  );
  const outputs = emit(g);
  const opsets: [string, number][] = contrib ? [['com.microsoft', 1]] : [];
  return {
    name: 'test',
    inputs,
    outputs,
    nodes: g.nodes,
    initializers: g.initializers,
    opsets: new Map([['', opset], ...opsets]),
    functions: [],
  };
}

/** Emits one node of the com.microsoft domain with one output. */
export const contrib = (
  g: Builder,
  op: string,
  inputs: readonly (Value | null)[],
  attributes: Record<string, AttrInput> = {},
): Value => g.ops(op, inputs, 1, attributes, 'com.microsoft')[0] as Value;
