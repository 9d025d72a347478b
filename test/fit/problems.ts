/** Small problems with known answers. */
import { losses } from '../../src/autodiff/losses.js';
import type { Batches, FitProblem } from '../../src/fit/index.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { builderFor } from '../../src/ops/builder.js';
import { random } from '../../src/tensor/random.js';
import { float32 } from '../../src/tensor/tensor.js';
import { graphOf, node, typed } from '../helpers/graphs.js';

export const rows = 8;
export const inputs = 3;

/** Targets of a linear map with a little noise, so that no weight fits exactly. */
export function regression(batches = 4, seed = 0): { problem: FitProblem; weight: Value; data: Float32Array[][] } {
  const [x, target, weight] = [typed('x', [rows, inputs]), typed('target', [rows, 1]), typed('weight', [inputs, 1])];
  const draw = random(seed, 'regression');
  const truth = [1, -2, 0.5];
  const data = Array.from({ length: batches }, (_, i) => {
    const a = draw.normals(rows * inputs, i * 1000);
    const noise = draw.normals(rows, i * 1000 + 500);
    const y = Float32Array.from({ length: rows }, (_, row) =>
      truth.reduce((sum, w, j) => sum + w * a[row * inputs + j]!, 0.1 * noise[row]!),
    );
    return [a, y];
  });
  const base = graphOf({
    inputs: [x, target],
    nodes: [node('MatMul', [x, weight], [{ name: 'y' }])],
    initializers: new Map([[weight, float32([inputs, 1], Float32Array.of(0.1, 0.2, 0.3))]]),
  });
  const y = base.nodes[0]!.outputs[0]!;
  const g = builderFor(base, 'head');
  const loss = losses.mse.emit(g, y, { dtype: 'float32', shape: [rows, 1] }, target, {});
  const named: Value = { name: 'loss', type: { dtype: 'float32', shape: [] } };
  const whole = g.appendTo(base);
  const graph: Graph = {
    ...whole,
    outputs: [named],
    nodes: whole.nodes.map((each) => (each.outputs[0] === loss ? { ...each, outputs: [named] } : each)),
  };
  const each: Batches = {
    count: batches,
    at: (i) =>
      new Map([
        ['x', float32([rows, inputs], data[i]![0]!)],
        ['target', float32([rows, 1], data[i]![1]!)],
      ]),
  };
  return { problem: { graph, loss: named, weights: [weight], batches: each }, weight, data };
}

/** Gradient of the mean squared error over the given batches, in double precision. */
export function slope(data: readonly Float32Array[][], w: readonly number[]): number[] {
  const total = w.map(() => 0);
  for (const [a, y] of data) {
    for (let row = 0; row < rows; row++) {
      const error = w.reduce((sum, each, j) => sum + each * a![row * inputs + j]!, -y![row]!);
      for (let j = 0; j < inputs; j++) total[j]! += (2 * error * a![row * inputs + j]!) / (rows * data.length);
    }
  }
  return total;
}
