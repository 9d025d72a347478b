import { describe, expect, test } from 'vitest';
import type { Series } from '../../../src/data/series.js';
import type { Graph } from '../../../src/ir/types.js';
import { verify } from '../../../src/ir/verify.js';
import { withProgram } from '../../../src/runtime/program.js';
import { random } from '../../../src/tensor/random.js';
import { dataOf, float32, int64 } from '../../../src/tensor/tensor.js';
import { rocket } from '../../../src/train/baselines/rocket.js';
import { rocketGraph } from '../../../src/train/baselines/rocket-graph.js';
import { type Kernels, randomKernels } from '../../../src/train/baselines/rocket-kernels.js';

describe('random kernels', () => {
  const { groups } = randomKernels(9000, 1, 100, 7);
  const all = groups.flatMap((group) => Array.from({ length: group.count }, (_, k) => ({ ...group, k })));
  const share = (holds: (of: (typeof all)[0]) => boolean): number => all.filter(holds).length / all.length;

  test('are as many as asked for, in groups that differ', () => {
    expect(all).toHaveLength(9000);
    const kinds = groups.map(({ length, dilation, padding }) => `${length} ${dilation} ${padding}`);
    expect(new Set(kinds).size).toBe(groups.length);
  });

  test.each([7, 9, 11])('a third has length %i, half is padded, dilations are even in their logarithm', (length) => {
    expect(share((of) => of.length === length)).toBeCloseTo(1 / 3, 1.5);
    expect(share((of) => of.length === length && of.padding > 0)).toBeCloseTo(1 / 6, 1.5);
    // 2^a is below 2 for a below 1, of log2(99 / (length - 1))
    const own = all.filter((of) => of.length === length);
    const ones = own.filter(({ dilation }) => dilation === 1).length / own.length;
    expect(ones).toBeCloseTo(1 / Math.log2(99 / (length - 1)), 1.5);
    expect(Math.max(...own.map(({ dilation }) => dilation))).toBe(Math.floor(99 / (length - 1)));
    expect(own.every(({ padding, dilation }) => padding === 0 || padding === ((length - 1) / 2) * dilation)).toBe(true);
  });

  test('weights have mean 0 and nearly variance 1, biases are even in [-1, 1)', () => {
    let [squares, count] = [0, 0];
    for (const { length, weights, k } of all) {
      const own = weights.subarray(k * length, (k + 1) * length);
      expect(own.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(0, 5);
      squares += own.reduce((sum, weight) => sum + weight ** 2, 0);
      count += length - 1;
    }
    expect(squares / count).toBeCloseTo(1, 1.5);
    const biases = groups.flatMap((group) => [...group.biases]);
    expect(biases.every((bias) => bias >= -1 && bias < 1)).toBe(true);
    expect(biases.reduce((sum, bias) => sum + bias, 0) / biases.length).toBeCloseTo(0, 1.5);
    expect(biases.reduce((sum, bias) => sum + bias ** 2, 0) / biases.length).toBeCloseTo(1 / 3, 1.5);
  });

  test('of several channels see at least one', () => {
    const { groups: several } = randomKernels(400, 5, 30, 7);
    const seen = several.flatMap(({ count, length, weights }) =>
      Array.from(
        { length: count },
        (_, k) =>
          Array.from({ length: 5 }, (_, c) => weights.subarray((k * 5 + c) * length, (k * 5 + c + 1) * length)).filter(
            (own) => own.some((weight) => weight !== 0),
          ).length,
      ),
    );
    expect([...new Set(seen)].sort()).toEqual([1, 2, 3, 4, 5]);
  });

  test('are padded where a series is shorter than they are', () => {
    const short = randomKernels(50, 1, 8, 7).groups;
    expect(short.every(({ length, dilation, padding }) => padding > 0 || (length - 1) * dilation < 8)).toBe(true);
  });
});

/** The features by plain loops in float64: shares of positive values, then largest values, group by group. */
function plainFeatures({ channels, length, groups }: Kernels, values: ArrayLike<number>, steps: number): number[] {
  const z = Array.from({ length: channels }, (_, c) => {
    const own = Array.from({ length: steps }, (_, i) => values[c * length + i]!);
    const mean = own.reduce((sum, value) => sum + value, 0) / steps;
    const deviation = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / steps);
    return own.map((value) => (value - mean) / (deviation + 1e-8));
  });
  return groups.flatMap(({ count, length: taps, dilation, padding, weights, biases }) => {
    const places = Math.max(1, steps + 2 * padding - (taps - 1) * dilation);
    const made = Array.from({ length: count }, (_, k) =>
      Array.from({ length: places }, (_, p) => {
        let sum = biases[k]!;
        for (let c = 0; c < channels; c++)
          for (let i = 0; i < taps; i++)
            sum += weights[(k * channels + c) * taps + i]! * (z[c]![p + i * dilation - padding] ?? 0);
        return sum;
      }),
    );
    return [
      ...made.map((own) => own.filter((value) => value > 0).length / own.length),
      ...made.map((own) => Math.max(...own)),
    ];
  });
}

async function outputOf(graph: Graph, { count, channels, length, values, lengths }: Series): Promise<Float32Array> {
  return withProgram(graph, { threads: 1 }, async (program) => {
    const feeds = new Map([[graph.inputs[0]!, float32([count, channels, length], values)]]);
    if (lengths) feeds.set(graph.inputs[1]!, int64([count], [...lengths]));
    return dataOf((await program.run(feeds)).get(graph.outputs[0]!)!) as Float32Array;
  });
}

describe.each([
  ['one channel', 1, undefined],
  ['three channels', 3, undefined],
  ['unequal lengths', 1, Int32Array.of(40, 25, 3, 1)],
  ['unequal lengths of two channels', 2, Int32Array.of(12, 40, 39, 5)],
] as const)('the graph, %s', (_, channels, lengths) => {
  const [count, length] = [4, 40];
  const values = random(1, 'series')
    .normals(count * channels * length)
    .map((value) => 5 * value + 20);
  // what lies beyond the end of a series is not zero here: it must not matter
  const series: Series = { count, channels, length, values, ...(lengths && { lengths }) };
  const kernels = randomKernels(300, channels, length, 3);

  test('has the features of plain loops', async () => {
    const graph = rocketGraph(kernels, { hasLengths: lengths !== undefined });
    verify(graph);
    const features = await outputOf(graph, series);
    for (let row = 0; row < count; row++) {
      const size = channels * length;
      const steps = lengths ? lengths[row]! : length;
      const plain = plainFeatures(kernels, values.subarray(row * size, (row + 1) * size), steps);
      expect(plain).toHaveLength(600);
      plain.forEach((value, k) => {
        expect(Math.abs(features[row * 600 + k]! - value)).toBeLessThan(1e-4);
      });
    }
  });
});

test.each([0.1, 1234.567, 98765.43])('a series of %d alone is no noise', async (value) => {
  const kernels = randomKernels(200, 1, 999, 3);
  const series = { count: 1, channels: 1, length: 999, values: new Float32Array(999).fill(value) };
  const features = await outputOf(rocketGraph(kernels), series);
  let at = 0;
  for (const { count, biases } of kernels.groups) {
    for (const [k, bias] of biases.entries()) expect(features[at + k]).toBe(Number(bias > 0));
    at += 2 * count;
  }
});

test.each([false, true])(
  'the graph that serves it has the logits of the scores, with lengths: %s',
  async (hasLengths) => {
    const [count, length] = [20, 24];
    const values = random(2, 'series').normals(count * length);
    const lengths = hasLengths ? Int32Array.from({ length: count }, (_, i) => 24 - i) : undefined;
    const series: Series = { count, channels: 1, length, values, ...(lengths && { lengths }) };
    const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
    const fitted = await rocket.fit({ ...series, labels }, 4, { seed: 1, settings: { kernels: 100 } });
    const scores = await fitted.scores(series);
    const graph = fitted.graph!;
    verify(graph);
    expect(graph.inputs.map(({ name }) => name)).toEqual(hasLengths ? ['input', 'lengths'] : ['input']);
    expect(graph.outputs.map(({ name }) => name)).toEqual(['logits']);
    const logits = await outputOf(graph, series);
    for (let row = 0; row < count; row++) {
      const own = Array.from(logits.subarray(row * 4, (row + 1) * 4));
      const total = Math.log(own.reduce((sum, logit) => sum + Math.exp(logit), 0));
      own.forEach((logit, c) => {
        expect(scores[row * 4 + c]).toBeCloseTo(logit - total, 4);
      });
    }
  },
);
