/** Foreign models that make the runtime crash: the command outlives them and says which model and which op. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encode } from '../../src/onnx/encode.js';
import { Builder } from '../../src/ops/builder.js';
import { encodeNpz } from '../../src/tensor/npz.js';
import { float32, int64 } from '../../src/tensor/tensor.js';

const scalpel = fileURLToPath(new URL('../../bin/scalpel.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'scalpel-crashes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** onnxruntime 1.30 reads the bias that com.microsoft.Attention need not have. */
beforeAll(() => {
  const g = new Builder();
  const x = { name: 'x', type: { dtype: 'float32', shape: ['N', 4, 8] } } as const;
  const weight = g.constant(float32([8, 24], new Float32Array(192).fill(0.1)));
  const attended = g.ops('Attention', [g.op('Relu', [x]), weight], 1, { num_heads: 2 }, 'com.microsoft')[0]!;
  const y = g.op('Tanh', [attended]);
  const outputs = [{ ...y, type: x.type }];
  const nodes = g.nodes.map((node) => (node.op === 'Tanh' ? { ...node, name: 'last', outputs } : node));
  const opsets = new Map([
    ['', 21],
    ['com.microsoft', 1],
  ]);
  const graph = { name: 'main', inputs: [x], outputs, nodes, initializers: g.initializers, opsets, functions: [] };
  writeFileSync(join(folder, 'model.onnx'), encode(graph));
  copyFileSync(join(folder, 'model.onnx'), join(folder, 'same.onnx'));
  const arrays = { x: float32([2, 4, 8], new Float32Array(64).fill(0.5)), labels: int64([2], [0, 1]) };
  writeFileSync(join(folder, 'data.npz'), encodeNpz(new Map(Object.entries(arrays))));
});

describe('a model that the runtime breaks down on', () => {
  test.each([
    [['eval', '--json', 'model.onnx', '--data', 'data.npz'], 'eval model.onnx'],
    [['compare', 'model.onnx', 'same.onnx', '--data', 'data.npz'], 'compare model.onnx same.onnx'],
  ])('%j', (argv, name) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [scalpel, ...argv, '--provider', 'cpu'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr.trim().split('\n').at(-1)).toMatch(
      new RegExp(
        `^${name}: its process was ended by SIG\\w+ in stage '\\w+' \\(0 of 2\\), while ONNX Runtime ran graph 'main' of 3 nodes \\(Attention, Relu, Tanh\\) and came to com\\.microsoft\\.Attention 'scalpel/Attention'; the runtime breaks down on this op`,
      ),
    );
  });
});
