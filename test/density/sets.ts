/** Sets of points for the tests, and what emitted nodes give for them. */
import { readFileSync } from 'node:fs';
import { grad } from '../../src/autodiff/grad.js';
import { prepare } from '../../src/autodiff/prepare.js';
import type { Density } from '../../src/density/index.js';
import { builderFor } from '../../src/ops/builder.js';
import { random } from '../../src/tensor/random.js';
import { float32 } from '../../src/tensor/tensor.js';
import { graphOf, numbers, typed } from '../helpers/graphs.js';

/** `rows` standard normal points, moved and stretched. */
export const normals = (rows: number, d: number, { seed = 1, centre = 0, scale = 1 } = {}): Float32Array =>
  random(seed, 'points')
    .normals(rows * d)
    .map((x) => centre + scale * x);

export const joined = (...sets: readonly Float32Array[]): Float32Array =>
  Float32Array.from(sets.flatMap((set) => [...set]));

export const sum = (values: Iterable<number>): number => [...values].reduce((total, x) => total + x, 0);

/** The features of a table whose first line is a heading and whose last column is a label. */
export function tableAt(path: string): { points: Float32Array; d: number } {
  const rows = readFileSync(path, 'utf8').trim().split('\n').slice(1);
  const cells = rows.map((row) => row.split(',').map(Number).slice(0, -1));
  return { points: Float32Array.from(cells.flat()), d: cells[0]!.length };
}

/** Features of mean 0 and variance 1. */
export function scaled(points: Float32Array, d: number): Float32Array {
  const columns = Array.from({ length: d }, (_, k) => [...points].filter((_, i) => i % d === k));
  const means = columns.map((column) => sum(column) / column.length);
  const deviations = columns.map((column, k) =>
    Math.sqrt(sum(column.map((x) => (x - means[k]!) ** 2)) / column.length),
  );
  return points.map((x, i) => (x - means[i % d]!) / (deviations[i % d]! || 1));
}

/** log p of the points, and the gradient of each row's, by the nodes that the density emits. */
export async function emitted(
  density: Density,
  points: Float32Array,
): Promise<{ values: number[]; gradient: number[] }> {
  const d = density.dimensions;
  const x = typed('x', ['batch', d]);
  const open = graphOf({ inputs: [x] });
  const g = builderFor(open);
  const ready = await prepare(g.appendTo(open, [density.emit(g, x)]));
  const [input, output] = [ready.graph.inputs[0]!, ready.graph.outputs[0]!];
  const { graph, gradients } = grad(ready.graph, output, [input], { types: ready.types });
  const slope = gradients.get(input)!;
  const found = await numbers({ ...graph, outputs: [output, slope] }, { x: float32([points.length / d, d], points) });
  return { values: found[output.name]!, gradient: found[slope.name]! };
}

/** Central differences of log p at each point, in float64. */
export function slopes(density: Density, points: Float32Array, step = 1e-4): number[] {
  const d = density.dimensions;
  return Array.from(points, (_, at) => {
    const row = Math.floor(at / d);
    const moved = (by: number): number => {
      const point = Float64Array.from(points.subarray(row * d, (row + 1) * d));
      point[at % d]! += by;
      return density.logDensity(point)[0]!;
    };
    return (moved(step) - moved(-step)) / (2 * step);
  });
}
