import { describe, expect, test } from 'vitest';
import type { Graph } from '../../../src/ir/types.js';
import { floatsOf } from '../../../src/tensor/convert.js';
import { transformer } from '../../../src/train/backbones/transformer.js';
import { numbers } from '../../helpers/graphs.js';
import { drawnSeries, stirred } from './series.js';

type Matrix = number[][];

describe('transformer', () => {
  test('computes what its formulas say, in double precision', async () => {
    const [channels, length, classes, width] = [2, 7, 3, 8];
    const graph = stirred(transformer.build({ channels, length, classes, width }, 5));
    const series = drawnSeries(1, channels, length);
    const x = rowsOf(floatsOf(series), length);
    const { logits } = await numbers(graph, { input: series });
    for (const [i, value] of reference(graph, x, width).entries()) expect(logits![i]).toBeCloseTo(value, 5);
  });
});

/** From [channels][steps] to logits. */
function reference(graph: Graph, x: Matrix, width: number): number[] {
  const weights = new Map([...graph.initializers].map(([value, stored]) => [value.name, stored]));
  const flat = (name: string): number[] => Array.from(floatsOf(weights.get(name)!));
  const matrix = (name: string): Matrix => rowsOf(flat(name), weights.get(name)!.shape[1]!);
  const dense = (name: string, rows: Matrix): Matrix =>
    times(rows, matrix(`${name}.weight`)).map((row) => row.map((value, i) => value + flat(`${name}.bias`)[i]!));
  const normalise = (name: string, rows: Matrix): Matrix =>
    rows.map((row) => {
      const mean = row.reduce((a, b) => a + b) / row.length;
      const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
      const [scale, shift] = [flat(`${name}.weight`), flat(`${name}.bias`)];
      return row.map((value, i) => ((value - mean) / Math.sqrt(variance + 1e-5)) * scale[i]! + shift[i]!);
    });
  const attend = (name: string, rows: Matrix): Matrix => {
    const projected = dense(`${name}.input`, rows);
    const size = width / 4;
    const part = (which: number, head: number): Matrix =>
      projected.map((row) => row.slice(which * width + head * size, which * width + (head + 1) * size));
    const heads = [0, 1, 2, 3].map((head) => {
      const scores = times(part(0, head), transposed(part(1, head)));
      const belief = scores.map((row) => {
        const parts = row.map((value) => Math.exp(value / Math.sqrt(size)));
        return parts.map((value) => value / parts.reduce((a, b) => a + b));
      });
      return times(belief, part(2, head));
    });
    return dense(
      `${name}.output`,
      rows.map((_, i) => heads.flatMap((head) => head[i]!)),
    );
  };
  const gelu = (value: number): number => (value / 2) * (1 + erf(value / Math.SQRT2));

  const kernel = rowsOf(flat('embed.weight'), 7);
  const positions = matrix('positions.weight');
  const steps = x[0]!.length;
  let tokens: Matrix = Array.from({ length: steps }, (_, at) =>
    Array.from({ length: width }, (_, to) => {
      let sum = flat('embed.bias')[to]! + positions[at]![to]!;
      for (const [from, channel] of x.entries()) {
        for (let k = 0; k < 7; k++) sum += kernel[to * x.length + from]![k]! * (channel[at + k - 3] ?? 0);
      }
      return sum;
    }),
  );
  for (const layer of ['layer1', 'layer2']) {
    tokens = plus(tokens, attend(`${layer}.attention`, normalise(`${layer}.norm1`, tokens)));
    const wide = dense(`${layer}.mlp1`, normalise(`${layer}.norm2`, tokens)).map((row) => row.map(gelu));
    tokens = plus(tokens, dense(`${layer}.mlp2`, wide));
  }
  const last = transposed(normalise('norm', tokens)).map((column) => column.reduce((a, b) => a + b) / steps);
  return matrix('fc.weight').map((row, i) => row.reduce((sum, w, j) => sum + w * last[j]!, flat('fc.bias')[i]!));
}

const rowsOf = (flat: ArrayLike<number>, width: number): Matrix =>
  Array.from({ length: flat.length / width }, (_, i) => Array.from(flat).slice(i * width, (i + 1) * width));

const times = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));

const plus = (a: Matrix, b: Matrix): Matrix => a.map((row, i) => row.map((value, j) => value + b[i]![j]!));

const transposed = (a: Matrix): Matrix => a[0]!.map((_, j) => a.map((row) => row[j]!));

/** By its series around 0, which converges fast for the sizes at hand. */
function erf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 100; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
