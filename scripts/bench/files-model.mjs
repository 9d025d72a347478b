/** Writes a model file of 400 MB: 100 weights of 4 MB and 2200 nodes, in the proportions of a large language model. */
import { save } from '../../dist/onnx/save.js';
import { Builder } from '../../dist/ops/builder.js';
import { float32 } from '../../dist/tensor/tensor.js';

async function writeModel(path) {
  const side = 1024;
  const g = new Builder(['x'], 'layer');
  const input = { name: 'x', type: { dtype: 'float32', shape: ['N', side] } };
  let x = input;
  for (let layer = 0; layer < 100; layer++) {
    const data = Float32Array.from({ length: side * side }, (_, i) => Math.sin(i + layer));
    x = g.matmul(x, g.constant(float32([side, side], data), 'weight'));
    for (let i = 0; i < 21; i++) x = g.op(i % 2 === 0 ? 'Relu' : 'Identity', [x]);
  }
  const graph = {
    name: 'bench',
    inputs: [input],
    outputs: [],
    nodes: [],
    initializers: new Map(),
    opsets: new Map([['', 21]]),
    functions: [],
  };
  await save({ graph: g.appendTo(graph, [x]), irVersion: 10, producer: 'bench', metadata: new Map() }, path, {
    force: true,
  });
}

await writeModel(process.argv[2]);
