/** A model that the runtime breaks down on: onnxruntime 1.30 reads the bias that com.microsoft.Attention need not have. */
import { encode } from '../../src/onnx/encode.js';
import { Builder } from '../../src/ops/builder.js';
import { float32 } from '../../src/tensor/tensor.js';

/** x [N, 4, 8] to an output of the same size. */
export function crashingModel(): Uint8Array {
  const g = new Builder();
  const x = { name: 'x', type: { dtype: 'float32', shape: ['N', 4, 8] } } as const;
  const weight = g.constant(float32([8, 24], new Float32Array(192).fill(0.1)));
  const attended = g.ops('Attention', [g.op('Relu', [x]), weight], 1, { num_heads: 2 }, 'com.microsoft')[0]!;
  const y = g.op('Tanh', [attended]);
  const outputs = [{ ...y, type: x.type }];
  const nodes = g.nodes.map((node) => (node.op === 'Tanh' ? { ...node, name: 'last', outputs } : node));
  const opsets = new Map([
    ['', 21],
    ['com.microsoft', 1],
  ]);
  return encode({
    ...{ name: 'main', inputs: [x], outputs, nodes, initializers: g.initializers, opsets, functions: [] },
  });
}
