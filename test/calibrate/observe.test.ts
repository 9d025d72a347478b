import { describe, expect, test } from 'vitest';
import { observe } from '../../src/calibrate/observe.js';
import { type ObserverName, observers } from '../../src/calibrate/observers.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { findLayers } from '../../src/ops/layers.js';
import { extract } from '../../src/rewrite/extract.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf } from '../../src/tensor/convert.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { graphOf, input, noisy } from '../ops/graphs.js';

const x = input('x', ['batch', 'length', 5]);

/** Two products of x, and one of what the first gives. */
const graph = graphOf([x], (g) => {
  const first = g.matmul(x, g.constant(noisy([5, 4], 2), 'first'));
  const second = g.matmul(x, g.constant(noisy([5, 3], 3), 'second'));
  return [g.matmul(g.op('Relu', [first]), g.constant(noisy([4, 2], 4), 'third')), second];
});

const batches = [noisy([2, 3, 5], 7), noisy([1, 4, 5], 8), noisy([3, 1, 5], 9)];

const feeds = (tensors: readonly Tensor[], to: Value = x) => tensors.map((t) => new Map([[to, t]]));

/** The rows of all batches. */
const rows = (tensors: readonly Tensor[], width: number): Float32Array[] =>
  tensors.flatMap((t) => {
    const values = floatsOf(t);
    return Array.from({ length: values.length / width }, (_, i) => values.subarray(i * width, (i + 1) * width));
  });

const expected: Record<ObserverName, (samples: readonly Float32Array[], width: number) => number[]> = {
  columnNorm: (samples, width) => columns(width, (j) => total(samples.map((row) => row[j]! ** 2))),
  columnSum: (samples, width) => columns(width, (j) => total(samples.map((row) => row[j]!))),
  columnMax: (samples, width) => columns(width, (j) => Math.max(...samples.map((row) => row[j]!))),
  columnMin: (samples, width) => columns(width, (j) => Math.min(...samples.map((row) => row[j]!))),
  gram: (samples, width) =>
    columns(width * width, (k) => total(samples.map((row) => row[Math.floor(k / width)]! * row[k % width]!))),
};

const columns = (count: number, at: (j: number) => number): number[] => Array.from({ length: count }, (_, j) => at(j));

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe.each(Object.keys(observers) as ObserverName[])('observer %s', (name) => {
  test('agrees with plain arithmetic over batches of different shapes', async () => {
    const { layers } = findLayers(graph);
    const statistics = await observe(graph, layers, [name], feeds(batches));
    const { samples, [name]: got } = statistics.get(layers[0]!)!;
    expect(samples).toBe(13);
    expectClose(got!, expected[name](rows(batches, 5), 5));
  });

  test('covers every stack of a grouped convolution', async () => {
    const image = input('image', ['n', 4, 'h', 'w']);
    const conv = graphOf([image], (g) => [
      g.op('Conv', [image, g.constant(noisy([6, 2, 1, 1]))], { group: 2, strides: [1, 1] }),
    ]);
    const { layers } = findLayers(conv);
    const data = noisy([2, 4, 3, 3], 5);
    const statistics = await observe(conv, layers, [name], feeds([data], image));
    const values = floatsOf(data);
    const pixels = (stack: number) =>
      Array.from({ length: 18 }, (_, i) =>
        Float32Array.of(...[0, 1].map((c) => values[((i >= 9 ? 4 : 0) + stack * 2 + c) * 9 + (i % 9)]!)),
      );
    const { samples, [name]: got } = statistics.get(layers[0]!)!;
    expect(samples).toBe(18);
    expectClose(got!, [...expected[name](pixels(0), 2), ...expected[name](pixels(1), 2)]);
  });
});

describe('observe', () => {
  test('gram matrices wider than a strip are whole and symmetric', async () => {
    const wide = input('wide', ['n', 450]);
    const product = graphOf([wide], (g) => [g.matmul(wide, g.constant(noisy([450, 2])))]);
    const { layers } = findLayers(product);
    const data = noisy([7, 450], 21);
    const statistics = await observe(product, layers, ['gram', 'columnNorm'], feeds([data], wide));
    const { gram, columnNorm } = statistics.get(layers[0]!)!;
    expectClose(gram!, expected.gram(rows([data], 450), 450));
    expectClose(columnNorm!, expected.columnNorm(rows([data], 450), 450));
  });

  test('what several layers see is observed once', async () => {
    const { layers } = findLayers(graph);
    const statistics = await observe(graph, layers, ['columnNorm'], feeds(batches));
    const [first, second, third] = layers.map((layer) => statistics.get(layer)!.columnNorm);
    expect(second).toBe(first);
    expect(third).toHaveLength(4);
  });

  test('a layer used twice is observed over both', async () => {
    const square = graphOf([x], (g) => {
      const w = g.constant(noisy([5, 5], 2));
      const h = g.matmul(x, w);
      return [g.matmul(h, w), h];
    });
    const { layers } = findLayers(square);
    const names: ObserverName[] = ['columnSum', 'columnMax'];
    const both = (await observe(square, layers, names, feeds(batches))).get(layers[0]!)!;
    const inner = await hidden(square);
    const all = [...rows(batches, 5), ...rows(inner, 5)];
    expect(both.samples).toBe(26);
    for (const name of names) expectClose(both[name]!, expected[name](all, 5));
  });

  test('an extracted part sees only its own uses', async () => {
    const { layers } = findLayers(graph);
    const middle = layers[2]!.uses[0]!.data!;
    const part = extract(graph, [middle], [graph.outputs[0]!]);
    const types = new Map([[middle, { dtype: 'float32', shape: ['n', 4] } as const]]);
    const data = noisy([6, 4], 30);
    const statistics = await observe(part, [layers[2]!], ['columnNorm'], feeds([data], middle), { types });
    expectClose(statistics.get(layers[2]!)!.columnNorm!, expected.columnNorm(rows([data], 4), 4));
    await expect(observe(part, [layers[1]!], ['gram'], feeds([data], middle), { types })).rejects.toThrow(
      "observe: layer 'test/second' is not used in graph 'test'",
    );
  });

  test('says so when there is nothing to observe', async () => {
    await expect(observe(graph, findLayers(graph).layers, ['gram'], [])).rejects.toThrow(
      'observe: expected at least one batch, got none',
    );
  });

  test('stops between batches and tells how many are done', async () => {
    const controller = new AbortController();
    const done: number[] = [];
    const onBatch = (count: number): void => {
      done.push(count);
      if (count === 2) controller.abort();
    };
    const options = { signal: controller.signal, onBatch };
    await expect(observe(graph, findLayers(graph).layers, ['columnSum'], feeds(batches), options)).rejects.toThrow(
      'aborted',
    );
    expect(done).toEqual([1, 2]);
  });
});

/** What the second use of the layer sees: the first one's products, which are the graph's last output. */
async function hidden(square: Graph): Promise<Tensor[]> {
  return withProgram(square, {}, async (program) => {
    const results: Tensor[] = [];
    for (const batch of feeds(batches)) results.push((await program.run(batch)).get(square.outputs[1]!)!);
    return results;
  });
}

function expectClose(got: Float64Array, wanted: readonly number[]): void {
  expect(got).toHaveLength(wanted.length);
  const most = wanted.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const worst = wanted.reduce((a, b, i) => Math.max(a, Math.abs(b - got[i]!)), 0);
  expect(worst / most).toBeLessThan(1e-6);
}
