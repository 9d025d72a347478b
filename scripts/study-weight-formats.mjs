/**
 * How large the weights of the bundled GPT are in each format, pruned by magnitude. Writes the table of docs/weight-formats.md.
 *
 *     node scripts/study-weight-formats.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { markdownTable } from './study/markdown-table.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const { targets } = await built('convert/index.js');
const { settle } = await built('settings/index.js');
const { load } = await built('onnx/load.js');
const { findLayers } = await built('ops/layers.js');
const { readMatrices, storeMatrices } = await built('ops/matrices.js');
const { select } = await built('masks/select.js');
const { workingCopy } = await built('pipeline/working-copy.js');
const { encodeSafetensors } = await built('tensor/safetensors.js');

const dense = load(join(root, 'models/gpt-sotu/model.onnx'));
/** The blocks' matrices, as `scalpel prune` takes them by default: not the head, which is tied to the embedding. */
const layers = findLayers(workingCopy(dense.graph)).layers.slice(0, -1);
const names = new Set(layers.map(({ name }) => name));

function pruned(pattern) {
  const weights = new Map(
    layers.map((layer) => {
      const values = readMatrices(layer);
      const scores = { ...layer.layout, data: values.map(Math.abs) };
      const { mask } = select(scores, { pattern, group: 'matrix', rule: 'exact' }, layer.name);
      return [layer.name, storeMatrices(layer, values, mask)];
    }),
  );
  const initializers = new Map([...dense.graph.initializers].map(([v, t]) => [v, weights.get(v.name) ?? t]));
  return { ...dense, graph: { ...dense.graph, initializers } };
}

/** The pruned matrices as one safetensors file, dense. */
const denseFile = ({ graph }) =>
  fileOf(new Map([...graph.initializers].flatMap(([{ name }, t]) => (names.has(name) ? [[name, t]] : []))), {});

const fileOf = (tensors, metadata) => Buffer.concat([...encodeSafetensors(tensors, metadata, 'study')]);

/** A file of the pruned matrices alone; null where nothing fits. */
async function converted(model, name, options = {}) {
  const initializers = new Map([...model.graph.initializers].filter(([value]) => names.has(value.name)));
  const nodes = model.graph.nodes.filter(({ op }) => op !== 'Constant');
  const task = {
    // weights that were not pruned take the same place in every format
    model: { ...model, graph: { ...model.graph, initializers, nodes } },
    copy: () => workingCopy(model.graph),
    isChosen: () => true,
    signal: new AbortController().signal,
    log: () => {},
  };
  try {
    const { made } = await targets[name].convert(task, settle(targets[name], options));
    return fileOf(made.tensors, Object.fromEntries(made.metadata));
  } catch (error) {
    if (error.exitCode === 3) return null;
    throw error;
  }
}

const patterns = [
  ['0.5', { kind: 'unstructured', sparsity: 0.5 }],
  ['0.7', { kind: 'unstructured', sparsity: 0.7 }],
  ['0.9', { kind: 'unstructured', sparsity: 0.9 }],
  ['2:4', { kind: 'n:m', n: 2, m: 4 }],
];
const whole = denseFile(dense).length;
const cell = (file) =>
  file === null ? '-' : `${(file.length / 1e6).toFixed(2)} (${((100 * file.length) / whole).toFixed(0)} %)`;
const rows = [];
for (const [text, pattern] of patterns) {
  const model = pruned(pattern);
  const masked = await converted(model, 'bitmask');
  const files = [
    denseFile(model),
    gzipSync(denseFile(model)),
    masked,
    gzipSync(masked),
    await converted(model, 'csr'),
    await converted(model, 'csr', { index: 'i32' }),
    await converted(model, 'nm-packed'),
  ];
  rows.push([text, ...files.map(cell)]);
}

const titles = [
  'pruned to',
  'dense',
  'dense, gzip',
  'bitmask',
  'bitmask, gzip',
  'csr',
  'csr, index=i32',
  'nm-packed 2:4',
];
const page = join(root, 'docs', 'weight-formats.md');
const [begin, end] = ['<!-- table -->\n', '<!-- end of table -->'];
const text = readFileSync(page, 'utf8');
const [before, after] = [text.split(begin)[0], text.split(end)[1]];
writeFileSync(page, `${before}${begin}${markdownTable(titles, rows)}\n${end}${after}`);
