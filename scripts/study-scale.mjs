/**
 * The scale study: time and memory of `scalpel prune` against the size of the model and the number of tokens, on models with random
 * weights. Writes the figures of docs/scale.md between its two marks, and the two charts beside it.
 *
 *     nice node scripts/study-scale.mjs [FOLDER]     default out/scale; takes 10 GB there and six minutes of a quiet machine
 *
 * Models and finished runs stay in the folder and are not made again: remove FOLDER/runs to measure anew.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scaleChart } from './study/scale-chart.mjs';
import { figures } from './study/scale-page.mjs';
import { workshop } from './study/scale-runs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { run } = workshop(root, resolve(process.argv[2] ?? join(root, 'out', 'scale')));

const wanda = ['--method', 'wanda', '--pattern', '2:4'];
const magnitude = ['--method', 'magnitude', '--pattern', '0.5'];

/** Layout, layers, width, vocabulary. */
const small = ['gpt', 12, 768, 50257];
const large = ['llama', 22, 2048, 32000];
const sizes = [
  ['gpt', 4, 256, 8192],
  ['gpt', 6, 512, 8192],
  ['gpt', 12, 768, 8192],
  ['gpt', 16, 1024, 8192],
  ['gpt', 24, 1280, 8192],
];
/** Windows of 256 tokens, through the second of the sizes. */
const windows = [1, 4, 16, 64, 256];

const bySize = sizes.map((size) => run(size, wanda, { windows: 8, memory: '1GB' }));
const byTokens = windows.map((count) => run(sizes[1], wanda, { windows: count, memory: '1GB' }));
const whole = [small, large].flatMap((size) =>
  [wanda, magnitude].map((method) => run(size, method, { windows: 8, memory: '2GB', isJudged: true })),
);

writeFileSync(join(root, 'docs', 'scale-weights.svg'), scaleChart(bySize, 'weights'));
writeFileSync(join(root, 'docs', 'scale-tokens.svg'), scaleChart(byTokens, 'tokens'));
const page = join(root, 'docs', 'scale.md');
const [begin, end] = ['<!-- figures -->\n', '<!-- end of figures -->'];
const made = `${begin}\n${figures(whole, bySize, byTokens)}\n${end}`;
const text = existsSync(page) ? readFileSync(page, 'utf8') : `${begin}${end}`;
writeFileSync(page, text.slice(0, text.indexOf(begin)) + made + text.slice(text.indexOf(end) + end.length));
