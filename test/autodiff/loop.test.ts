/** K steps in one Loop are K runs of the step; an objective is loss and gradients in one call. */
import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.js';
import { loop } from '../../src/autodiff/loop.js';
import { losses } from '../../src/autodiff/losses.js';
import { objective } from '../../src/autodiff/objective.js';
import { typesOf } from '../../src/autodiff/prepare.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { builderFor } from '../../src/ops/builder.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';

const matrix = (name: string, shape: readonly number[]): Value => ({ name, type: { dtype: 'float32', shape } });
const x = matrix('x', [4, 2]);
const target = matrix('target', [4, 1]);
const weight = matrix('weight', [2, 1]);
const rate = matrix('rate', []);
const start = float32([2, 1], Float32Array.of(1, -1));
const data = float32([4, 2], Float32Array.of(1, 0, 0, 1, 1, 1, 2, -1));
const goal = float32([4, 1], Float32Array.of(2, 3, 5, 1));

const bare = (inputs: readonly Value[]): Graph => ({
  ...{ name: 'fit', inputs, outputs: [], nodes: [], initializers: new Map(), functions: [] },
  opsets: new Map([['', 21]]),
});

/** One step of gradient descent on the squared error of x weight. */
async function stepGraph(): Promise<{ step: Graph; next: Value; loss: Value }> {
  const empty = bare([x, target, weight, rate]);
  const g = builderFor(empty);
  const y = g.matmul(x, weight);
  const loss = losses.mse.emit(g, y, matrix('y', [4, 1]).type!, target, {});
  const whole = g.appendTo(empty);
  const { graph, gradients } = grad(whole, loss, [weight], { types: await typesOf(whole) });
  const update = builderFor(graph, 'update');
  const made = update.sub(weight, update.mul(rate, gradients.get(weight)!));
  const next: Value = { name: 'next', type: weight.type! };
  const named = update.nodes.map((node) => (node.outputs[0] === made ? { ...node, outputs: [next] } : node));
  return { step: { ...graph, nodes: [...graph.nodes, ...named], outputs: [next, loss] }, next, loss };
}

describe('loop', () => {
  test.each([false, true])('gives what as many runs give (a rate for each step: %s)', async (isSliced) => {
    const { step, next, loss } = await stepGraph();
    const count = 5;
    const rates = Float32Array.from({ length: count }, (_, i) => (isSliced ? 0.1 / (i + 1) : 0.1));
    const state: Tensor[] = [start];
    const curve: number[] = [];
    await withProgram(step, { threads: 1 }, async ({ run }) => {
      for (const each of rates) {
        const given = [data, goal, state.at(-1)!, float32([], Float32Array.of(each))];
        const results = await run(new Map(step.inputs.map((value, i) => [value, given[i]!])));
        state.push(results.get(next)!);
        curve.push(floatsOf(results.get(loss)!)[0]!);
      }
    });
    const looped = loop(step, count, { state: new Map([[weight, next]]), ...(isSliced && { sliced: [rate] }) });
    verify(looped);
    const results = await withProgram(looped, { threads: 1 }, ({ run }) => {
      const rateFed = isSliced ? float32([count], rates) : float32([], rates.slice(0, 1));
      const given = [data, goal, start, rateFed];
      return run(new Map(looped.inputs.map((value, i) => [value, given[i]!])));
    });
    const [last, losses] = [...results.values()].map((t) => Array.from(floatsOf(t)));
    expect(last).toEqual(Array.from(floatsOf(state.at(-1)!)));
    expect(losses).toEqual(curve);
    expect(curve.at(-1)!).toBeLessThan(curve[0]!);
  });
});

test('objective gives loss and gradients by name', async () => {
  const empty = bare([x]);
  const g = builderFor(empty);
  const y = g.matmul(x, weight);
  const graph: Graph = { ...g.appendTo(empty, [y]), initializers: new Map([[weight, start]]) };
  const fit = await objective(graph, losses.mse, [weight, x]);
  expect(fit.inputs.map(({ name }) => name)).toEqual(['x', 'weight', 'target']);
  const { loss, gradients } = await fit.run({ x: data, weight: start, target: goal });
  await fit.release();
  // residuals -1, -4, -5, 2
  expect(loss).toBeCloseTo(46 / 4, 5);
  expect(Array.from(floatsOf(gradients.get('weight')!))).toEqual([-1, -5.5]);
  expect(gradients.get('x')!.shape).toEqual([4, 2]);
});
