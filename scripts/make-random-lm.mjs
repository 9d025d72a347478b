/**
 * A language model of any size with random weights, for measuring:
 *
 *     node scripts/make-random-lm.mjs gpt|llama OUT.onnx LAYERS WIDTH [VOCABULARY] [CONTEXT]
 *
 * `gpt 12 768` is GPT-2 small (124 M weights), `llama 22 2048 32000` a Llama of 1.1 B. Weights lie in OUT.onnx.data, block after
 * block. Needs `npm run build`.
 */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { encode } from '../dist/onnx/encode.js';
import { Builder } from '../dist/ops/builder.js';
import { gpt } from './random-lm/gpt.mjs';
import { llama } from './random-lm/llama.mjs';
import { weightsIn } from './random-lm/weights.mjs';

const layouts = { gpt, llama };
const [layout, output, ...sizes] = process.argv.slice(2);
const [layers, width, vocabulary = 50257, context = 1024] = sizes.map(Number);
if (!Object.hasOwn(layouts, layout ?? '') || !output || !(layers > 0) || !(width >= 64 && width % 64 === 0)) {
  throw new Error(
    'usage: node scripts/make-random-lm.mjs gpt|llama OUT.onnx LAYERS WIDTH (a multiple of 64) [VOCABULARY] [CONTEXT]',
  );
}
const g = new Builder([], layout);
const weights = weightsIn(`${output}.data`, g);
const ids = { name: 'input_ids', type: { dtype: 'int64', shape: ['batch', 'sequence'] } };
const logits = { name: 'logits', type: { dtype: 'float32', shape: ['batch', 'sequence', vocabulary] } };
const head = layouts[layout](g, weights.make, ids, { layers, width, vocabulary, context });
g.nodes.push({ name: 'head', op: 'MatMul', domain: '', inputs: head, outputs: [logits], attrs: {} });
const stored = weights.close();
const graph = {
  name: `random ${layout}`,
  inputs: [ids],
  outputs: [logits],
  nodes: g.nodes,
  initializers: new Map([...g.initializers, ...stored]),
  opsets: new Map([['', 20]]),
  functions: [],
};
const external = ({ payload: { file } }) =>
  file && { location: basename(file.path), offset: file.offset, length: file.length };
writeFileSync(output, encode(graph, { external }));
const count = [...stored.values()].reduce((sum, { payload }) => sum + payload.byteLength / 4, 0);
console.error(`${output}: ${layers} layers, width ${width}, ${(count / 1e6).toFixed(1)} M weights`);
