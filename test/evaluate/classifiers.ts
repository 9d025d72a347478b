/** Graphs and samples whose figures are known. */
import type { Samples } from '../../src/data/samples.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { Builder } from '../../src/ops/builder.js';
import type { DataType } from '../../src/tensor/dtype.js';
import { float32 } from '../../src/tensor/tensor.js';

export const provenance = { files: [], description: 'made by the test' };

/** A graph that gives its input [N, width] back as `output`, after the ops named. */
export function passing(
  width: number | null,
  ops: readonly string[] = ['Identity'],
  outputs: readonly string[] = ['logits'],
): Graph {
  const input: Value = { name: 'input', type: { dtype: 'float32', shape: ['N', width] } };
  const g = new Builder();
  let last = input;
  for (const op of ops.slice(0, -1)) last = g.op(op, [last]);
  const made = outputs.map((name): Value => ({ name, type: { dtype: 'float32', shape: ['N', width] } }));
  for (const output of made) {
    g.nodes.push({ name: output.name, op: ops.at(-1)!, domain: '', inputs: [last], outputs: [output], attrs: {} });
  }
  return {
    name: 'passing',
    inputs: [input],
    outputs: made,
    nodes: g.nodes,
    initializers: g.initializers,
    opsets: new Map([['', 17]]),
    functions: [],
  };
}

/** Rows of one width as samples for the input named `input`. */
export function rows(values: readonly (readonly number[])[], labels?: readonly number[], fixedBatch?: number): Samples {
  const input: Value = { name: 'input', type: { dtype: 'float32' as DataType } };
  return {
    count: values.length,
    batch: (from, to) => {
      const taken = values.slice(from, to);
      while (taken.length < (fixedBatch ?? 0)) taken.push(taken.at(-1)!);
      return new Map([[input, float32([taken.length, values[0]!.length], Float32Array.from(taken.flat()))]]);
    },
    ...(labels && { labels: Int32Array.from(labels) }),
    ...(fixedBatch !== undefined && { fixedBatch }),
    provenance,
  };
}
