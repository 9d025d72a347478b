/** Losses: values against their definition, gradients against differences, and what must not become NaN. */
import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.js';
import { type LossName, type LossOptions, losses } from '../../src/autodiff/losses.js';
import { typesOf } from '../../src/autodiff/prepare.js';
import type { Graph, TensorType, Value } from '../../src/ir/types.js';
import { builderFor } from '../../src/ops/builder.js';
import { simplify } from '../../src/rewrite/simplify.js';
import { withProgram } from '../../src/runtime/program.js';
import { dataOf, int64, type Tensor, tensor } from '../../src/tensor/tensor.js';

const [rows, classes] = [3, 4];
const scores = [0.3, -1.2, 2, 0.5, 1.5, 0.1, -0.7, -2, 0, 0.4, 0.9, 1.1];
const array = (values: readonly number[]): Tensor => tensor('float64', [rows, classes], Float64Array.from(values));
const row = (values: readonly number[], r: number): number[] => values.slice(r * classes, (r + 1) * classes);
const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
const sum = (values: readonly number[]): number => values.reduce((total, v) => total + v, 0);
const logSoftmax = (z: readonly number[]): number[] => z.map((v) => v - Math.log(sum(z.map(Math.exp))));
const perRow = (of: (z: number[], t: number[], r: number) => number) => (x: readonly number[], t: readonly number[]) =>
  mean(Array.from({ length: rows }, (_, r) => of(row(x, r), row(t, r), r)));

const labels = [2, 0, 3];
const other = [0.1, 0.2, 0.3, 0.4, 0.7, 0, 0.2, 0.1, 0.25, 0.25, 0.25, 0.25];

const definitions: Readonly<Record<LossName, (x: readonly number[], t: readonly number[]) => number>> = {
  'cross-entropy': perRow((z, _, r) => -logSoftmax(z)[labels[r]!]!),
  margin: perRow((z, _, r) => z[labels[r]!]! - Math.max(...z.filter((_, i) => i !== labels[r]))),
  kl: perRow((z, t) => sum(t.map((p, i) => (p === 0 ? 0 : p * (Math.log(p) - logSoftmax(z)[i]!))))),
  mse: (x, t) => mean(x.map((v, i) => (v - t[i]!) ** 2)),
  cosine: perRow((z, t) => 1 - sum(z.map((v, i) => v * t[i]!)) / (Math.hypot(...z) * Math.hypot(...t))),
  entropy: perRow((z) => -sum(logSoftmax(z).map((p) => Math.exp(p) * p))),
};

interface Found {
  readonly loss: number;
  readonly gradient: readonly number[];
}

function emitted(name: LossName, values: Tensor, target: Tensor, options: LossOptions = {}, opset = 21) {
  const loss = losses[name];
  const x: Value = { name: 'x', type: { dtype: values.dtype, shape: values.shape } };
  const t: Value = { name: 't', type: { dtype: target.dtype, shape: target.shape } };
  const inputs = loss.target === 'none' ? [x] : [x, t];
  const bare: Graph = {
    ...{ name: 'loss', inputs, outputs: [], nodes: [], initializers: new Map(), functions: [] },
    opsets: new Map([['', opset]]),
  };
  const g = builderFor(bare);
  const y = loss.emit(g, x, x.type as TensorType, t, options);
  return { whole: g.appendTo(bare, [y]), inputs, x, y };
}

async function evaluate(name: LossName, values: Tensor, target: Tensor, options: LossOptions = {}): Promise<Found> {
  const { whole, inputs, x, y } = emitted(name, values, target, options);
  const made = grad(whole, y, [x], { types: await typesOf(whole) });
  const dx = made.gradients.get(x)!;
  const program = simplify({ ...made.graph, outputs: [y, dx] });
  return withProgram(program, { optimization: 'basic' }, async ({ run }) => {
    const results = await run(new Map(inputs.map((value) => [value, value === x ? values : target])));
    const [loss, gradient] = [...results.values()].map((found) => Array.from(dataOf(found), Number));
    return { loss: loss![0]!, gradient: gradient! };
  });
}

const targetOf = (name: LossName): Tensor => (losses[name].target === 'classes' ? int64([rows], labels) : array(other));

describe.each(Object.keys(losses) as LossName[])('%s', (name) => {
  const definition = (x: readonly number[]): number => definitions[name](x, other);

  test('is its definition, and its gradient that of the definition', async () => {
    const { loss, gradient } = await evaluate(name, array(scores), targetOf(name));
    expect(loss).toBeCloseTo(definition(scores), 6);
    const step = 1e-6;
    for (const [i, slope] of gradient.entries()) {
      const moved = (by: number): number[] => scores.map((value, k) => (k === i ? value + by : value));
      expect(slope).toBeCloseTo((definition(moved(step)) - definition(moved(-step))) / (2 * step), 6);
    }
  });

  test.each([13, 17, 18])('takes a graph of opset %i', async (opset) => {
    const target = targetOf(name);
    const { whole, inputs, x } = emitted(name, array(scores), target, {}, opset);
    const results = await withProgram(whole, { optimization: 'basic' }, ({ run }) =>
      run(new Map(inputs.map((value) => [value, value === x ? array(scores) : target]))),
    );
    expect(dataOf([...results.values()][0]!)[0]).toBeCloseTo(definition(scores), 6);
  });

  test('stays finite far out', async () => {
    const far = tensor(
      'float32',
      [rows, classes],
      Float32Array.from(scores, (value) => 1e4 * value),
    );
    const target =
      losses[name].target === 'classes' ? targetOf(name) : tensor('float32', [rows, classes], Float32Array.from(other));
    const { loss, gradient } = await evaluate(name, far, target);
    expect([loss, ...gradient].every(Number.isFinite)).toBe(true);
  });
});

test('cross-entropy leaves ignored labels out of the mean', async () => {
  const kept = await evaluate('cross-entropy', array(scores), int64([rows], [2, 0, -100]));
  expect(kept.loss).toBeCloseTo(mean([0, 1].map((r) => -logSoftmax(row(scores, r))[labels[r]!]!)), 6);
  expect(kept.gradient.slice(2 * classes)).toEqual([0, 0, 0, 0]);
  const none = await evaluate('cross-entropy', array(scores), int64([rows], [7, 7, 7]), { ignore: 7 });
  expect([none.loss, ...none.gradient].every((value) => value === 0)).toBe(true);
});

test('the margin is not pushed below the confidence', async () => {
  const { loss, gradient } = await evaluate('margin', array(scores), int64([rows], [1, 1, 1]), { confidence: 0.1 });
  expect(loss).toBeCloseTo(-0.1, 6);
  expect(gradient.every((value) => value === 0)).toBe(true);
});

test('masked scores have no entropy and no gradient', async () => {
  const masked = scores.map((value, i) => (i % classes === 1 ? Number.NEGATIVE_INFINITY : value));
  const { loss, gradient } = await evaluate('entropy', array(masked), targetOf('entropy'));
  expect(loss).toBeGreaterThan(0);
  expect(gradient.every(Number.isFinite)).toBe(true);
});

test('a zero vector has no cosine gradient', async () => {
  const { loss, gradient } = await evaluate(
    'cosine',
    array(scores.map((value, i) => (i < classes ? 0 : value))),
    array(other),
  );
  expect(Number.isFinite(loss)).toBe(true);
  expect(gradient.every(Number.isFinite)).toBe(true);
});
