/** apart: how far two graphs of the same inputs and outputs are from each other on the same data. */
import { feeds } from '../ir/graph.js';
import type { Graph } from '../ir/types.js';
import { type CompileOptions, withProgram } from '../runtime/program.js';
import { floatsOf } from '../tensor/convert.js';
import type { Tensor } from '../tensor/tensor.js';

/**
 * @param inputs by name. @returns the largest difference of an output, relative to the largest number of that output; infinite where one
 * of them is no number, or another shape.
 */
export async function apart(
  one: Graph,
  other: Graph,
  inputs: ReadonlyMap<string, Tensor>,
  options: CompileOptions = {},
): Promise<number> {
  const [found, wanted] = [await outputsOf(one, inputs, options), await outputsOf(other, inputs, options)];
  return Math.max(0, ...wanted.map((numbers, i) => difference(found[i]!, numbers)));
}

const outputsOf = (graph: Graph, inputs: ReadonlyMap<string, Tensor>, options: CompileOptions) =>
  withProgram(graph, options, async (program) => {
    const results = await program.run(new Map(feeds(graph).map((value) => [value, inputs.get(value.name)!])));
    return graph.outputs.map((value) => floatsOf(results.get(value)!));
  });

/** The largest difference, relative to the largest number wanted. */
export function difference(found: Float32Array, wanted: Float32Array): number {
  if (found.length !== wanted.length) return Number.POSITIVE_INFINITY;
  let [size, most] = [0, 0];
  for (const [i, number] of wanted.entries()) {
    const far = Math.abs(found[i]! - number);
    if (Number.isNaN(far)) return Number.POSITIVE_INFINITY;
    size = Math.max(size, Math.abs(number));
    most = Math.max(most, far);
  }
  return most === 0 ? 0 : most / size;
}
