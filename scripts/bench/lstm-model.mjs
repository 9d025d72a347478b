/** An LSTM of a realistic size: both directions, 100 steps of 64 features, 128 hidden, ten classes from the last step. */
import { Builder } from '../../dist/ops/builder.js';
import { sizeOf } from '../../dist/tensor/dtype.js';
import { random } from '../../dist/tensor/random.js';
import { float32 } from '../../dist/tensor/tensor.js';

const [steps, features, hidden, classes] = [100, 64, 128, 10];

export function lstmModel() {
  const g = new Builder(['x', 'logits']);
  const x = { name: 'x', type: { dtype: 'float32', shape: ['batch', steps, features] } };
  const weight = (name, shape) => {
    const scale = 1 / Math.sqrt(shape.at(-1));
    const draws = random(0, name).normals(sizeOf(shape));
    return g.constant(
      float32(
        shape,
        draws.map((draw) => draw * scale),
      ),
      name,
    );
  };
  const inputs = [
    g.transpose(x, [1, 0, 2]),
    weight('w', [2, 4 * hidden, features]),
    weight('r', [2, 4 * hidden, hidden]),
    weight('b', [2, 8 * hidden]),
  ];
  const [y] = g.ops('LSTM', inputs, 1, { hidden_size: hidden, direction: 'bidirectional' });
  const last = g.squeeze(g.slice(y, [-1], [steps], [0]), [0]);
  const rows = g.reshape(g.transpose(last, [1, 0, 2]), [-1, 2 * hidden]);
  const logits = { name: 'logits', type: { dtype: 'float32', shape: ['batch', classes] } };
  const scores = g.matmul(rows, weight('head', [2 * hidden, classes]));
  const nodes = g.nodes.map((node) => (node.outputs[0] === scores ? { ...node, outputs: [logits] } : node));
  const opsets = new Map([['', 21]]);
  return { name: 'lstm', inputs: [x], outputs: [logits], nodes, initializers: g.initializers, opsets, functions: [] };
}
