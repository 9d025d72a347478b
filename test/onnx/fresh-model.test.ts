/** Models that are written without a file they came from: inside one file, or with their weights beside it. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Graph, Value } from '../../src/ir/types.js';
import { freshOutputs } from '../../src/onnx/fresh-model.js';
import { load } from '../../src/onnx/load.js';
import { writeRope } from '../../src/onnx/write-files.js';
import { withProgram } from '../../src/runtime/program.js';
import { dataOf, float32 } from '../../src/tensor/tensor.js';

const opsets = new Map([['', 21]]);
const folder = mkdtempSync(join(tmpdir(), 'scalpel-fresh-'));
afterAll(() => rmSync(folder, { recursive: true }));

const [x, w, v, h, y] = ['x', 'w', 'v', 'h', 'y'].map((name) => ({ name })) as [Value, Value, Value, Value, Value];
const weight = float32(
  [20, 20],
  Float32Array.from({ length: 400 }, (_, i) => Math.sin(i)),
);
const small = float32(
  [20],
  Float32Array.from({ length: 20 }, (_, i) => i),
);
const input: Value = { ...x, type: { dtype: 'float32', shape: [1, 20] } };

/** Two names for one large weight, and a small one. */
const graph: Graph = {
  name: 'fresh',
  inputs: [input],
  outputs: [y],
  nodes: [
    { name: 'first', op: 'Gemm', domain: '', inputs: [input, w, v], outputs: [h], attrs: {} },
    { name: 'second', op: 'MatMul', domain: '', inputs: [h, { ...w, name: 'again' }], outputs: [y], attrs: {} },
  ],
  initializers: new Map(),
  opsets,
  functions: [],
};
const again = graph.nodes[1]!.inputs[1]!;
const model = {
  graph: { ...graph, initializers: new Map([[w, weight] as const, [v, small] as const, [again, weight] as const]) },
  irVersion: 10,
  producer: 'test',
  metadata: new Map([['key', 'value']]),
};

describe('freshOutputs', () => {
  test('one file where it fits', () => {
    expect(freshOutputs(model, join(folder, 'whole.onnx')).map(({ path }) => path)).toEqual([
      join(folder, 'whole.onnx'),
    ]);
  });

  test('large weights beside it, each once, where the runtime and load find them', async () => {
    const path = join(folder, 'split.onnx');
    const outputs = freshOutputs(model, path, 1000);
    expect(outputs.map((output) => [output.path, output.content.length])).toEqual([
      [path, outputs[0]!.content.length],
      [`${path}.data`, 1600],
    ]);
    for (const output of outputs) await writeRope(output.path, output.content);
    expect(readdirSync(folder).sort()).toEqual(['split.onnx', 'split.onnx.data']);
    const read = load(path);
    expect(read.metadata.get('key')).toBe('value');
    const stored = new Map([...read.graph.initializers].map(([{ name }, t]) => [name, Array.from(dataOf(t), Number)]));
    expect(stored.get('w')).toEqual(Array.from(dataOf(weight), Number));
    expect(stored.get('again')).toEqual(stored.get('w'));
    const feed = float32(
      [1, 20],
      Float32Array.from({ length: 20 }, (_, i) => Math.cos(i)),
    );
    const outcome = async (from: Graph): Promise<number[]> =>
      withProgram(from, { threads: 1 }, async (program) => {
        const results = await program.run(new Map([[program.inputs[0]!, feed]]));
        return Array.from(dataOf([...results.values()][0]!), Number);
      });
    expect(await outcome(read.graph)).toEqual(await outcome(model.graph));
  });
});
