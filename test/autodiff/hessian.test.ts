/** Hessian-vector products: the gradient of a gradient against differences of gradients. */
import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.js';
import { inDouble } from '../../src/autodiff/in-double.js';
import { losses } from '../../src/autodiff/losses.js';
import { prepare, typesOf } from '../../src/autodiff/prepare.js';
import { feeds, valuesByName } from '../../src/ir/graph.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { builderFor } from '../../src/ops/builder.js';
import { lift } from '../../src/rewrite/lift.js';
import { simplify } from '../../src/rewrite/simplify.js';
import { specialize } from '../../src/rewrite/specialize.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { loadNpz } from '../../src/tensor/npz.js';
import { random } from '../../src/tensor/random.js';
import { dataOf, elements, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { fixturePath, networkNames } from './fixtures.js';

/** The loss of a network with one of its tensors as an input, its gradient there, and gradient times a vector. */
async function twice(network: string, name: string) {
  const { graph: free } = load(fixturePath(network, 'model.onnx'));
  const inputs = loadNpz(fixturePath(network, 'inputs.npz'));
  const graph = specialize(free, sizesOf(free, inputs));
  const named = valuesByName(graph);
  const stored = graph.initializers.get(named.get(name)!);
  const prepared = await prepare(stored ? lift(graph, [named.get(name)!]) : graph);
  const g = builderFor(prepared.graph);
  const logits = valuesByName(prepared.graph).get('logits')!;
  const type = prepared.types.get(logits)!;
  const target: Value = { name: 'target', type: { dtype: 'int64', shape: type.shape!.slice(0, -1) } };
  const loss = losses['cross-entropy'].emit(g, logits, type, target, {});
  const whole: Graph = g.appendTo({ ...prepared.graph, inputs: [...prepared.graph.inputs, target] });
  const x = valuesByName(whole).get(name)!;
  const types = await typesOf(whole);
  const first = grad(whole, loss, [x], { types });
  const slope = first.gradients.get(x)!;
  const direction: Value = { name: 'direction', type: types.get(x)! };
  const open = { ...first.graph, inputs: [...first.graph.inputs, direction] };
  const second = grad(open, slope, [x], { types: await typesOf(open), seed: direction });
  const product = second.gradients.get(x)!;
  const both = simplify({ ...second.graph, outputs: [slope, product] });
  // the nodes as they were emitted in float32, computed in float64
  const { graph: precise } = inDouble({ graph: both, types: await typesOf(both) });
  return { graph: precise, x, direction, stored };
}

/** The size of every symbol among the inputs. */
const sizesOf = ({ inputs }: Graph, fed: ReadonlyMap<string, Tensor>): Record<string, number> =>
  Object.fromEntries(
    inputs.flatMap(({ name, type }) =>
      (type?.shape ?? []).flatMap((size, axis) =>
        typeof size === 'string' ? [[size, fed.get(name)!.shape[axis]!] as const] : [],
      ),
    ),
  );

/** In units of the largest entry. */
const apart = (a: Float64Array, b: Float64Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0) /
  b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

describe.skipIf(networkNames.length === 0)('Hessian-vector products', () => {
  // steps are small enough to cross no kink
  test.each([
    ['mlp', '1.weight'],
    ['mlp', 'input'],
    ['lenet', '3.weight'],
    ['lenet', 'input'],
  ] as const)('of %s in %s', async (network, name) => {
    const step = 1e-6;
    const { graph, x, direction, stored } = await twice(network, name);
    const [slope, product] = graph.outputs as [Value, Value];
    const inputs = loadNpz(fixturePath(network, 'inputs.npz'));
    const start = stored ?? inputs.get(name)!;
    const values = Float64Array.from(floatsOf(start));
    const normals = random(3, 'direction').normals(elements(start));
    const length = Math.sqrt(normals.reduce((sum, value) => sum + value * value, 0));
    const v = Float64Array.from(normals, (value) => value / length);
    const floats = (data: Float64Array, shape: readonly number[]): Tensor => tensor('float64', shape, data);
    const at = (point: Float64Array, output: Value): Promise<Float64Array> => {
      const one = simplify({ ...graph, outputs: [output] });
      return withProgram(one, { optimization: 'basic' }, async (program) => {
        const feed = (value: Value): Tensor => {
          if (value.name === x.name) return floats(point, start.shape);
          if (value.name === direction.name) return floats(v, start.shape);
          const given = inputs.get(value.name)!;
          return given.dtype === 'float32' ? floats(Float64Array.from(floatsOf(given)), given.shape) : given;
        };
        const results = await program.run(new Map(feeds(one).map((value) => [value, feed(value)])));
        return Float64Array.from(dataOf(results.get(output)!) as Float64Array);
      });
    };
    const moved = (by: number): Float64Array => values.map((value, i) => value + by * v[i]!);
    const [right, left] = [await at(moved(step), slope), await at(moved(-step), slope)];
    const difference = right.map((value, i) => (value - left[i]!) / (2 * step));
    expect(apart(await at(values, product), difference)).toBeLessThan(1e-6);
  });
});
