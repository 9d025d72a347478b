/** Llama's layout: RMSNorm, rotary positions, grouped-query attention, SwiGLU, a head of its own. */
import { causalMask, split, upTo } from './parts.mjs';

export function llama(g, weight, ids, { layers, width, vocabulary, context }) {
  const size = 64;
  const heads = width / size;
  const groups = Math.max(1, heads / 8);
  const inner = Math.ceil((width * 11) / 4 / 256) * 256;
  const linear = (x, inputs, outputs) => g.matmul(x, weight([inputs, outputs], inputs ** -0.5));
  const norm = (x) => {
    const square = g.op('ReduceMean', [g.mul(x, x), g.ints([-1])], { keepdims: 1 });
    const scaled = g.op('Div', [x, g.op('Sqrt', [g.add(square, g.scalar(1e-5))])]);
    return g.mul(scaled, g.floats(new Float32Array(width).fill(1)));
  };
  const [cosine, sine] = rotaryTables(g, ids, context, size);
  const rotate = (x) => {
    const [first, second] = split(g, x, 2, 3);
    return g.add(g.mul(x, cosine), g.mul(g.op('Concat', [g.op('Neg', [second]), first], { axis: 3 }), sine));
  };
  const inHeads = (x, count) => g.transpose(g.reshape(x, [0, 0, count, size]), [0, 2, 1, 3]);
  // each key head serves the queries of its group: the group is an axis of its own that the keys are broadcast along
  const grouped = (x) => g.reshape(x, [0, groups, heads / groups, -1, size]);
  const shared = (x) => g.op('Unsqueeze', [x, g.ints([2])]);
  const causal = causalMask(g, ids, context);
  let x = g.op('Gather', [weight([vocabulary, width], 0.1), ids]);
  for (let layer = 0; layer < layers; layer++) {
    const h = norm(x);
    const q = grouped(rotate(inHeads(linear(h, width, width), heads)));
    const k = shared(rotate(inHeads(linear(h, width, groups * size), groups)));
    const v = shared(inHeads(linear(h, width, groups * size), groups));
    const scores = g.mul(g.matmul(q, g.transpose(k, [0, 1, 2, 4, 3])), g.scalar(size ** -0.5));
    const mixed = g.matmul(g.op('Softmax', [g.add(scores, causal)], { axis: -1 }), v);
    const joined = g.reshape(g.transpose(g.reshape(mixed, [0, heads, -1, size]), [0, 2, 1, 3]), [0, -1, width]);
    x = g.add(x, linear(joined, width, width));
    const m = norm(x);
    const gate = linear(m, width, inner);
    const gated = g.mul(g.mul(gate, g.op('Sigmoid', [gate])), linear(m, width, inner));
    x = g.add(x, linear(gated, inner, width));
  }
  return [norm(x), weight([width, vocabulary], width ** -0.5)];
}

function rotaryTables(g, ids, context, size) {
  const angle = (i) => Math.floor(i / size) / 10_000 ** (((i % size) % (size / 2)) / (size / 2));
  return [Math.cos, Math.sin].map((of) => {
    const table = Float32Array.from({ length: context * size }, (_, i) => of(angle(i)));
    return upTo(g, ids, g.floats(table, [context, size]), 0);
  });
}
