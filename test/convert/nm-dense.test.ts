import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Converted } from '../../src/convert/index.js';
import { nmDense } from '../../src/convert/nm-dense.js';
import { exitCodes } from '../../src/errors.js';
import type { Graph, Model } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { dataOf, float32, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { graphOf, node, typed } from '../helpers/graphs.js';
import { modelOf, pruned, taskOn, withWeights } from './sparse-weights.js';
import { cnn, gpt, half, oddGraph, refusal, storedIn, temporaryFolder } from './weight-files.js';

describe('nm-dense', () => {
  const settings = { n: 2, m: 4, partial: false };
  const modelIn = ({ made }: Converted): Model => (made as { model: Model }).model;

  test('leaves the file as it is but for the record', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'pruned.onnx');
    const out = join(folder, 'verified.onnx');
    await save(pruned(gpt, 2, 4), path);
    const made = await nmDense.convert(taskOn(load(path)), settings);
    await save(modelIn(made), out);
    const read = load(out);
    const record = JSON.parse(read.metadata.get('nm_sparsity')!) as { n: number; m: number; weights: string[] };
    expect(record).toEqual({ n: 2, m: 4, weights: made.tensors.map(({ name }) => name) });
    expect(record.weights).toHaveLength(25);
    // the record is one field at the end of the model
    const [before, after] = [readFileSync(path), readFileSync(out)];
    expect(after.subarray(0, before.length).equals(before)).toBe(true);
    expect(after.length).toBeGreaterThan(before.length);
  });

  test('finds what the documentation of TensorRT asks of kernels [K, C, R, S]', async () => {
    const eligible = (t: Tensor): boolean => {
      const [K, C, R, S] = t.shape as [number, number, number, number];
      const w = dataOf(t) as Float32Array;
      for (let k = 0; k < K; k++)
        for (let at = 0; at < R * S; at++)
          for (let c = 0; c < C; c += 4) {
            const group = [0, 1, 2, 3].map((i) => w[(k * C + c + i) * R * S + at]!);
            if (group.filter((value) => value !== 0).length > 2) return false;
          }
      return true;
    };
    const kernel = (model: Model): Tensor => storedIn(model).get('net/conv2.weight')!;
    const chosen = (...names: readonly string[]) => names.includes('net/conv2.weight');
    const right = pruned(cnn, 2, 4);
    expect(eligible(kernel(right))).toBe(true);
    expect((await nmDense.convert(taskOn(right, chosen), settings)).tensors).toHaveLength(1);
    // zeros along the kernel instead of the channels
    const wrong = withWeights(cnn, (t) =>
      float32(
        t.shape,
        Float32Array.from(dataOf(t) as Float32Array, (v, i) => (i % 9 < 5 ? v : 0)),
      ),
    );
    expect(eligible(kernel(wrong))).toBe(false);
    const error = await refusal(nmDense.convert(taskOn(wrong, chosen), settings));
    expect(error.exitCode).toBe(exitCodes.unsupported);
    expect(error.message).toMatch(
      /^.*model\.onnx: 'net\/conv2\.weight' breaks 2:4: columns \d+ to \d+ of output \d+ hold [34] values/,
    );
  });

  test('one that breaks the pattern is refused, or left out by partial', async () => {
    const model = modelOf(oddGraph(half));
    const both = { ...model, graph: withSecond(model.graph) };
    const error = await refusal(nmDense.convert(taskOn(both), settings));
    expect(error.message).toMatch(
      /^model: 'w' breaks 2:4: columns .*; run scalpel prune --pattern 2:4 first, or leave them out by --exclude or partial=true$/,
    );
    const made = await nmDense.convert(taskOn(both), { ...settings, partial: true });
    expect(made.tensors.map(({ name }) => name)).toEqual(['second']);
    expect(JSON.parse(modelIn(made).metadata.get('nm_sparsity')!)).toEqual({ n: 2, m: 4, weights: ['second'] });
    expect(made.notes).toEqual([expect.stringMatching(/^'w' is not recorded: columns/)]);
    const none = await refusal(nmDense.convert(taskOn(model), { ...settings, partial: true }));
    expect(none.exitCode).toBe(exitCodes.unsupported);
  });

  /** A second product, whose weight keeps two of four: -0 is a zero, NaN is none. */
  function withSecond(graph: Graph): Graph {
    const [second, z] = [typed('second', [64, 8]), typed('z', [1, 8])];
    const values = Float32Array.from({ length: 512 }, (_, i) => [Number.NaN, -0, 0, 7][Math.floor(i / 8) % 4]!);
    return {
      ...graph,
      outputs: [z],
      nodes: [...graph.nodes, node('MatMul', [graph.outputs[0]!, second], [z])],
      initializers: new Map([...graph.initializers, [second, float32([64, 8], values)]]),
    };
  }

  test('inputs that fill no whole groups are told', async () => {
    const model = modelOf(oddGraph(float32([6, 8], new Float32Array(48))));
    const error = await refusal(nmDense.convert(taskOn(model), settings));
    expect(error.message).toBe(
      'model: expected weight matrices with whole groups of 4 inputs, got none among those chosen; choose others',
    );
  });

  test('small numbers of float64 are no zeros', async () => {
    const w = tensor('float64', [4, 4], new Float64Array(16).fill(1e-300));
    const [x, y, value] = [typed('x', [1, 4], 'float64'), typed('y', [1, 4], 'float64'), typed('w', [4, 4], 'float64')];
    const graph = graphOf({
      inputs: [x],
      outputs: [y],
      nodes: [node('MatMul', [x, value], [y])],
      initializers: new Map([[value, w]]),
    });
    expect((await refusal(nmDense.convert(taskOn(modelOf(graph)), settings))).message).toContain(
      'hold 4 values other than zero',
    );
  });
});
