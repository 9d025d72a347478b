/** Series for networks, whole and padded, and networks that have left their start. */
import type { Graph } from '../../../src/ir/types.js';
import { random } from '../../../src/tensor/random.js';
import { dataOf, float32, type Tensor } from '../../../src/tensor/tensor.js';

export const drawnSeries = (batch: number, channels: number, length: number): Tensor =>
  float32([batch, channels, length], random(1, `series ${length}`).normals(batch * channels * length));

export function maskOf(ends: readonly number[], length: number): Tensor {
  const mask = new Float32Array(ends.length * length);
  for (const [i, end] of ends.entries()) mask.fill(1, i * length, i * length + end);
  return float32([ends.length, length], mask);
}

/** The series, and behind their ends what must not matter. */
export function padded(series: Tensor, length: number): Tensor {
  const [batch, channels, end] = series.shape as [number, number, number];
  const [from, to] = [dataOf(series) as Float32Array, random(2, 'padding').normals(batch * channels * length)];
  for (let row = 0; row < batch * channels; row++) to.set(from.subarray(row * end, (row + 1) * end), row * length);
  return float32([batch, channels, length], to);
}

/** Normalisations as after some training: at their start what is zero stays zero, and padding would not show. */
export function stirred(graph: Graph): Graph {
  const initializers = new Map(
    [...graph.initializers].map(([value, stored]) => {
      if (!/(bn|norm)[\w.]*\.(weight|bias|running_mean|running_var)$/.test(value.name)) return [value, stored] as const;
      const draws = random(3, value.name).uniforms(stored.shape[0]!);
      const isPositive = /weight|var/.test(value.name);
      return [
        value,
        float32(
          stored.shape,
          draws.map((u) => (isPositive ? 0.5 + u : u - 0.3)),
        ),
      ] as const;
    }),
  );
  return { ...graph, initializers };
}
