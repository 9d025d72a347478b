/** sumsSaturate: whether kernels for integers of eight bits lose what goes beyond 16 bits, as on processors with AVX2 but no VNNI. */
import type { Graph, Value } from '../ir/types.js';
import { builderFor } from '../ops/builder.js';
import { dataOf, tensor } from '../tensor/tensor.js';
import { type CompileOptions, withProgram } from './program.js';

/** As long as sums of two products of the largest numbers fit into 16 bits, no kernel saturates. */
const length = 64;

/** Asks the runtime for a product whose sums of two do not fit. */
export function sumsSaturate(options: CompileOptions = {}): Promise<boolean> {
  const a: Value = { name: 'a', type: { dtype: 'uint8', shape: [1, length] } };
  const y: Value = { name: 'y', type: { dtype: 'int32', shape: [1, length] } };
  const empty: Graph = {
    ...{ name: 'sums', inputs: [a], outputs: [y], nodes: [], initializers: new Map() },
    ...{ opsets: new Map([['', 17]]), functions: [] },
  };
  const g = builderFor(empty, 'sums');
  const weight = g.constant(tensor('int8', [length, length], new Int8Array(length * length).fill(127)));
  const nodes = [{ name: 'product', op: 'MatMulInteger', domain: '', inputs: [a, weight], outputs: [y], attrs: {} }];
  const graph = { ...empty, nodes: [...g.nodes, ...nodes], initializers: g.initializers };
  return withProgram(graph, options, async (program) => {
    const fed = tensor('uint8', [1, length], new Uint8Array(length).fill(255));
    const results = await program.run(new Map([[program.inputs[0]!, fed]]));
    return Number(dataOf(results.get(program.outputs[0]!)!)[0]) !== length * 255 * 127;
  });
}
