/** GPT-2's layout: learned positions, pre-norm blocks, fused query-key-value, an MLP four times as wide, a head tied to the embedding. */
import { causalMask, split, upTo } from './parts.mjs';

export function gpt(g, weight, ids, { layers, width, vocabulary, context }) {
  const heads = Math.max(1, width / 64);
  const zeros = (size) => g.floats(new Float32Array(size));
  const linear = (x, inputs, outputs) => g.add(g.matmul(x, weight([inputs, outputs], inputs ** -0.5)), zeros(outputs));
  const norm = (x) => g.op('LayerNormalization', [x, g.floats(new Float32Array(width).fill(1)), zeros(width)]);
  const embedding = weight([vocabulary, width], 0.1);
  const causal = causalMask(g, ids, context);
  let x = g.add(g.op('Gather', [embedding, ids]), upTo(g, ids, weight([context, width], 0.1), 0));
  for (let layer = 0; layer < layers; layer++) {
    const [q, k, v] = split(g, linear(norm(x), width, 3 * width), 3).map((part, i) =>
      g.transpose(g.reshape(part, [0, 0, heads, width / heads]), i === 1 ? [0, 2, 3, 1] : [0, 2, 1, 3]),
    );
    const scores = g.add(g.mul(g.matmul(q, k), g.scalar((width / heads) ** -0.5)), causal);
    const mixed = g.matmul(g.op('Softmax', [scores], { axis: -1 }), v);
    x = g.add(x, linear(g.reshape(g.transpose(mixed, [0, 2, 1, 3]), [0, 0, width]), width, width));
    x = g.add(x, linear(g.op('Gelu', [linear(norm(x), width, 4 * width)]), 4 * width, width));
  }
  return [norm(x), g.transpose(embedding, [1, 0])];
}
