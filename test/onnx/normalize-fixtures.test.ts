import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import proto from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { feeds } from '../../src/ir/graph.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { load } from '../../src/onnx/load.js';
import { normalize } from '../../src/onnx/normalize.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { type DataType, dataTypeOf, sizeOf } from '../../src/tensor/dtype.js';
import { dataOf, float32, memoryPayload, type Tensor } from '../../src/tensor/tensor.js';
import { nodeTests } from '../helpers/onnx-files.js';
import { noise } from '../ops/graphs.js';

const files = nodeTests();

/** What goes in and out of the runtime without harm: some node tests of narrow types abort the process. */
const plain: readonly DataType[] = ['float32', 'float64', 'float16', 'int64', 'int32', 'bool'];

/** Ops whose kernels compute in another order than what they become; the archive says what they give. */
const newOps = ['Attention', 'CumProd', 'RotaryEmbedding'];

const hasNewOp = ({ nodes }: Graph): boolean => nodes.some(({ op }) => newOps.includes(op));

const isPlain = ({ inputs, outputs }: Graph): boolean =>
  [...inputs, ...outputs].every(({ type }) => type !== undefined && plain.includes(type.dtype));

/** Ops that only opset 22 and later have, and forms from before opset 7. */
const refusals = /is not in opset 21|expected opset 7 or later|Scan took its sequences in another form/;

/** Ops that opset 21 lacks, written out in others: their sums are rounded in another order. */
const expanded = /rms_normalization|attention|rotary_embedding|cumprod/;

const areSame = (before: readonly Uint8Array[], after: readonly Uint8Array[], toRounding: boolean): boolean =>
  String(before) === String(after) || (toRounding && before.every((bytes, i) => areClose(bytes, after[i]!)));

/** As float32, within 1e-5 of the largest element. */
function areClose(a: Uint8Array, b: Uint8Array): boolean {
  const [x, y] = [a, b].map((bytes) => new Float32Array(bytes.slice().buffer));
  const scale = x!.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return a.length === b.length && x!.every((value, i) => Math.abs(value - y![i]!) <= 1e-5 * scale);
}

describe.skipIf(files.length === 0)('normalize on the node tests of the ONNX project', () => {
  test('keeps every output to the bit (to rounding where an op was expanded), or refuses by name', {
    timeout: 120_000,
  }, async () => {
    const differing: string[] = [];
    let equal = 0;
    for (const file of files.filter((path) => basename(path) === 'model.onnx')) {
      const { graph } = load(file);
      if (!isPlain(graph) || hasNewOp(graph)) continue;
      const normal = normalizedOrRefused(graph);
      if (!normal) continue;
      verify(normal);
      const data = feeds(graph).map((value, i): [Value, Tensor] => [value, stored(file, 'input', i)]);
      const same = areSame(await bytesOf(graph, data), await bytesOf(normal, data), expanded.test(file));
      if (same) equal++;
      else differing.push(basename(dirname(file)));
    }
    expect(differing).toEqual([]);
    expect(equal).toBeGreaterThan(500);
  });

  const newer = files.filter((path) => basename(path) === 'model.onnx' && hasNewOp(load(path).graph));
  test.each(newer.map((path) => [basename(dirname(path)), path]))('%s gives its stored outputs', async (_, file) => {
    const { graph } = load(file);
    const normal = normalize(graph);
    verify(normal);
    expect(hasNewOp(normal)).toBe(false);
    const data = feeds(graph).map((value, i): [Value, Tensor] => [value, stored(file, 'input', i)]);
    const results = await withProgram(normal, {}, ({ run }) => run(new Map(data)));
    for (const [i, output] of graph.outputs.entries()) {
      const [got, wanted] = [results.get(output)!, stored(file, 'output', i)];
      expect([got.dtype, got.shape]).toEqual([wanted.dtype, wanted.shape]);
      expect(largestError(got, wanted)).toBeLessThan(wanted.dtype === 'float16' ? 2e-3 : 2e-6);
    }
  });

  const light = files.filter((path) => path.includes('light_'));
  test.each(light.map((path) => [basename(path), path]))('%s, of opset 9', async (_, file) => {
    const { graph } = load(file);
    const data = feeds(graph).map((value): [Value, Tensor] => {
      const shape = value.type!.shape!.map(Number);
      return [value, float32(shape, noise(sizeOf(shape), 3))];
    });
    const [before, after] = [await bytesOf(graph, data), await bytesOf(normalize(graph), data)];
    expect(after.map((bytes, i) => Buffer.compare(bytes, before[i]!))).toEqual(before.map(() => 0));
  });
});

function normalizedOrRefused(graph: Graph): Graph | undefined {
  try {
    return normalize(graph);
  } catch (error) {
    if (error instanceof UserError && refusals.test(error.message)) return undefined;
    throw error;
  }
}

/** The `i`-th input or output beside a model file, where it has raw data. */
function stored(model: string, kind: 'input' | 'output', i: number): Tensor {
  const file = join(dirname(model), 'test_data_set_0', `${kind}_${i}.pb`);
  if (!existsSync(file)) throw new Error(`${file} is missing`);
  const read = proto.onnx.TensorProto.decode(readFileSync(file));
  return {
    dtype: dataTypeOf(read.dataType ?? 0)!,
    shape: (read.dims ?? []).map(Number),
    payload: memoryPayload(Uint8Array.from(read.rawData ?? [])),
  };
}

/** Relative to 1 and to what is wanted; infinities have to be the same. */
function largestError(got: Tensor, wanted: Tensor): number {
  const [a, b] = [got, wanted].map((t) => Array.from(t.dtype === 'float16' ? floatsOf(t) : dataOf(t), Number)) as [
    number[],
    number[],
  ];
  return Math.max(0, ...a.map((x, i) => errorOf(x, b[i]!)));
}

const errorOf = (x: number, y: number): number => (Object.is(x, y) ? 0 : Math.abs(x - y) / Math.max(1, Math.abs(y)));

const bytesOf = (graph: Graph, data: readonly [Value, Tensor][]): Promise<Uint8Array[]> =>
  withProgram(graph, {}, async (program) => {
    const results = await program.run(new Map(data));
    return graph.outputs.map((output) => results.get(output)!.payload.read());
  });
