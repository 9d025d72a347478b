/**
 * A GPT of any size with random weights, for measuring: node scripts/make-random-gpt.mjs OUT.onnx LAYERS WIDTH [VOCABULARY] [CONTEXT]
 *
 * The layout is GPT-2's: learned positions, pre-norm blocks, fused query-key-value, an MLP four times as wide, a head of its own.
 * Weights lie in OUT.onnx.data, block after block. Needs `npm run build`.
 */
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { encode } from '../dist/onnx/encode.js';
import { Builder } from '../dist/ops/builder.js';
import { filePayload, slicePayload } from '../dist/tensor/file-payload.js';
import { random } from '../dist/tensor/random.js';

const [output, layers, width, vocabulary = 50257, context = 1024] = process.argv
  .slice(2)
  .map((word, i) => (i === 0 ? word : Number(word)));
if (!output || !layers || !width)
  throw new Error('usage: node scripts/make-random-gpt.mjs OUT.onnx LAYERS WIDTH [VOCABULARY] [CONTEXT]');
const heads = Math.max(1, width / 64);

// a million normal numbers, again and again from another place: enough for timing and memory
const noise = random(0, 'weights').normals(1 << 20);
const places = [];
const data = `${output}.data`;
const file = openSync(data, 'w');
let end = 0;

const g = new Builder([], 'gpt');
const weight = (shape, scale) => {
  const elements = shape.reduce((product, size) => product * size, 1);
  const from = end;
  for (let done = 0; done < elements; ) {
    const start = (done * 7919 + from) % (noise.length / 2);
    const part = Float32Array.from(
      noise.subarray(start, start + Math.min(elements - done, noise.length / 2)),
      (v) => v * scale,
    );
    writeSync(file, part);
    done += part.length;
    end += part.byteLength;
  }
  const value = g.value(`weight_${places.length}`, { dtype: 'float32', shape });
  places.push({ value, shape, from, bytes: end - from });
  return value;
};
const linear = (x, inputs, outputs) =>
  g.add(g.matmul(x, weight([inputs, outputs], inputs ** -0.5)), g.floats(new Float32Array(outputs)));
const norm = (x) =>
  g.op('LayerNormalization', [x, g.floats(new Float32Array(width).fill(1)), g.floats(new Float32Array(width))]);

const ids = { name: 'input_ids', type: { dtype: 'int64', shape: ['batch', 'sequence'] } };
const length = g.op('Slice', [g.op('Shape', [ids]), g.ints([1]), g.ints([2]), g.ints([0])]);
const upTo = (x, axis) => g.op('Slice', [x, g.ints([0]), length, g.ints([axis])]);
const mask = Float32Array.from({ length: context * context }, (_, i) =>
  i % context > Math.floor(i / context) ? -1e9 : 0,
);
const causal = upTo(upTo(g.floats(mask, [context, context]), 0), 1);
let x = g.add(g.op('Gather', [weight([vocabulary, width], 0.1), ids]), upTo(weight([context, width], 0.1), 0));
for (let layer = 0; layer < layers; layer++) {
  const split = g.ops('Split', [linear(norm(x), width, 3 * width)], 3, { axis: 2, num_outputs: 3 });
  const [q, k, v] = split.map((part, i) =>
    g.transpose(g.reshape(part, [0, 0, heads, width / heads]), i === 1 ? [0, 2, 3, 1] : [0, 2, 1, 3]),
  );
  const scores = g.add(g.mul(g.matmul(q, k), g.scalar((width / heads) ** -0.5)), causal);
  const mixed = g.matmul(g.op('Softmax', [scores], { axis: -1 }), v);
  x = g.add(x, linear(g.reshape(g.transpose(mixed, [0, 2, 1, 3]), [0, 0, width]), width, width));
  x = g.add(x, linear(g.op('Gelu', [linear(norm(x), width, 4 * width)]), 4 * width, width));
}
const logits = { name: 'logits', type: { dtype: 'float32', shape: ['batch', 'sequence', vocabulary] } };
g.nodes.push({
  name: 'head',
  op: 'MatMul',
  domain: '',
  inputs: [norm(x), weight([width, vocabulary], width ** -0.5)],
  outputs: [logits],
  attrs: {},
});
closeSync(file);

const payload = filePayload(resolve(data));
const stored = new Map(
  places.map(({ value, shape, from, bytes }) => [
    value,
    { dtype: 'float32', shape, payload: slicePayload(payload, from, bytes) },
  ]),
);
const graph = {
  name: 'random gpt',
  inputs: [ids],
  outputs: [logits],
  nodes: g.nodes,
  initializers: new Map([...g.initializers, ...stored]),
  opsets: new Map([['', 20]]),
  functions: [],
};
const external = (t) => {
  const range = t.payload.file;
  return range && { location: basename(data), offset: range.offset, length: range.length };
};
writeFileSync(output, encode(graph, { external }));
console.error(`${output}: ${layers} layers, width ${width}, ${(end / 4e6).toFixed(1)} M weights`);
