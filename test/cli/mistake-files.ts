/** The files that mistaken command lines are about, written into the current folder. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Graph, Value } from '../../src/ir/types.js';
import { encode } from '../../src/onnx/encode.js';
import { Builder } from '../../src/ops/builder.js';
import { encodeNpy } from '../../src/tensor/npy.js';
import { encodeNpz } from '../../src/tensor/npz.js';
import { float32, int64 } from '../../src/tensor/tensor.js';

export const gpt = fileURLToPath(new URL('../../models/gpt-sotu/model.onnx', import.meta.url));
export const gptTokenizer = fileURLToPath(new URL('../../models/gpt-sotu/tokenizer.json', import.meta.url));

export function writeMistakeFiles(): void {
  mkdirSync('folder');
  const classifier = encode(classifierGraph());
  writeFileSync('net.onnx', classifier);
  writeFileSync('cut.onnx', classifier.subarray(0, 150));
  writeFileSync('empty.onnx', '');
  writeFileSync('text.onnx', 'This is not a model.');
  writeFileSync('relu.onnx', encode(reluGraph()));
  writeFileSync(
    'lost.onnx',
    encode(classifierGraph(), {
      external: ({ payload }) => ({ location: 'lost.data', offset: 0, length: payload.byteLength }),
    }),
  );
  writeFileSync('taken.onnx', 'mine');
  writeFileSync('nan.onnx', encode(classifierGraph({ poisoned: true })));
  writeFileSync('custom.onnx', encode(customGraph()));
  mkdirSync('theirs');
  writeFileSync('theirs/notes.txt', 'mine');

  writeFileSync('data.xyz', '1,2,3');
  writeFileSync('short.txt', 'Fellow citizens');
  writeFileSync('long.txt', readFileSync(gptTokenizer));
  writeFileSync('empty.txt', '');
  writeFileSync('broken.jsonl', '{"text": "a"}\n{"text": \n');
  writeFileSync('other.jsonl', '{"body": "a"}\n');
  writeFileSync('key.yaml', 'kind: text\nfile: short.txt\n');
  writeFileSync('kind.yaml', 'kind: pictures\nfiles: short.txt\n');
  writeFileSync('none.yaml', 'kind: text\nfiles: nothing-*.txt\n');
  writeFileSync('package.yaml', "kind: text\npackage: '@nobody/has-this'\nfiles: '*.txt'\n");
  writeFileSync('tokenizer.json', '{"version": "1.0"}');
  writeFileSync('broken.json', '{');

  writeFileSync(
    'tokens.npy',
    encodeNpy(
      int64(
        [2, 8],
        Array.from({ length: 16 }, (_, i) => i),
      ),
    ),
  );
  writeFileSync(
    'beyond.npy',
    encodeNpy(
      int64(
        [1, 8],
        Array.from({ length: 8 }, () => 5000),
      ),
    ),
  );
  writeFileSync(
    'cut.npy',
    encodeNpy(
      int64(
        [2, 8],
        Array.from({ length: 16 }, (_, i) => i),
      ),
    ).subarray(0, 100),
  );
  writeFileSync('x.npz', encodeNpz(new Map([['x', float32([2, 4], new Float32Array(8))]])));
  writeFileSync(
    'name.npz',
    encodeNpz(
      new Map([
        ['y', float32([2, 4], new Float32Array(8))],
        ['z', float32([2, 4], new Float32Array(8))],
      ]),
    ),
  );
  const hole = float32([2, 4], Float32Array.of(1, 2, 3, 4, 5, 6, 7, Number.NaN));
  writeFileSync(
    'nan-labelled.npz',
    encodeNpz(
      new Map([
        ['x', hole],
        ['labels', int64([2], [0, 1])],
      ]),
    ),
  );
  writeFileSync('nan.npz', encodeNpz(new Map([['x', float32([2, 4], new Float32Array(8).fill(Number.NaN))]])));
  writeFileSync('none.npz', encodeNpz(new Map([['x', float32([0, 4], new Float32Array(0))]])));
  writeFileSync('labels.npz', encodeNpz(new Map([['labels', int64([2], [0, 1])]])));
  writeFileSync('text.npz', 'This is no archive.');
  writeFileSync('shape.npz', encodeNpz(new Map([['x', float32([2, 5], new Float32Array(10))]])));
  writeFileSync('type.npz', encodeNpz(new Map([['x', int64([2, 4], new Array(8).fill(0))]])));
  writeFileSync(
    'label.npz',
    encodeNpz(
      new Map([
        ['x', float32([2, 4], new Float32Array(8))],
        ['labels', int64([2], [0, 7])],
      ]),
    ),
  );
  writeFileSync(
    'count.npz',
    encodeNpz(
      new Map([
        ['x', float32([2, 4], new Float32Array(8))],
        ['labels', int64([3], [0, 1, 2])],
      ]),
    ),
  );
}

/** x [batch, 4] times a weight [4, 3]; poisoned: one weight is NaN. */
function classifierGraph({ poisoned = false } = {}): Graph {
  const g = new Builder();
  const x: Value = { name: 'x', type: { dtype: 'float32', shape: ['batch', 4] } };
  const weight = g.constant(
    float32(
      [4, 3],
      Float32Array.from({ length: 12 }, (_, i) => (poisoned && i === 5 ? Number.NaN : i - 5.5)),
    ),
    'weight',
  );
  const logits: Value = { ...g.matmul(x, weight), type: { dtype: 'float32', shape: ['batch', 3] } };
  const nodes = g.nodes.map((node) => ({ ...node, outputs: [logits] }));
  return {
    name: 'net',
    inputs: [x],
    outputs: [logits],
    nodes,
    initializers: g.initializers,
    opsets: new Map([['', 17]]),
    functions: [],
  };
}

/** The classifier, and after it an op that no runtime has. */
function customGraph(): Graph {
  const graph = classifierGraph();
  const y: Value = { name: 'y', type: { dtype: 'float32', shape: ['batch', 3] } };
  const custom = {
    name: 'custom',
    op: 'Frobnicate',
    domain: 'my.domain',
    inputs: graph.outputs,
    outputs: [y],
    attrs: {},
  };
  const opsets = new Map([...graph.opsets, ['my.domain', 1] as const]);
  return { ...graph, outputs: [y], nodes: [...graph.nodes, custom], opsets };
}

/** A model without weights. */
function reluGraph(): Graph {
  const x: Value = { name: 'x', type: { dtype: 'float32', shape: ['batch', 4] } };
  const y: Value = { name: 'y', type: { dtype: 'float32', shape: ['batch', 4] } };
  const relu = { name: 'relu', op: 'Relu', domain: '', inputs: [x], outputs: [y], attrs: {} };
  return {
    name: 'relu',
    inputs: [x],
    outputs: [y],
    nodes: [relu],
    initializers: new Map(),
    opsets: new Map([['', 17]]),
    functions: [],
  };
}
