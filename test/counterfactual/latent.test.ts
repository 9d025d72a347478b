/** Latent spaces: gradients through a decoder, and searches that never leave what it makes. */
import { expect, test } from 'vitest';
import type { Finding } from '../../src/counterfactual/finding.js';
import { type Embedded, type End, embedded } from '../../src/counterfactual/ground/embedded.js';
import { openGround } from '../../src/counterfactual/ground/ground.js';
import { inLatent } from '../../src/counterfactual/latent/latent.js';
import { cChvae } from '../../src/counterfactual/methods/c-chvae.js';
import { revise } from '../../src/counterfactual/methods/revise.js';
import { runExplainer } from '../../src/counterfactual/run.js';
import { boundsOf } from '../../src/oracle/bounds.js';
import { type GivenOptions, settle } from '../../src/settings/index.js';
import { random } from '../../src/tensor/random.js';
import { float32 } from '../../src/tensor/tensor.js';
import { linearCase } from '../attack/linear.js';
import { graphOf, node, typed } from '../helpers/graphs.js';

const [size, width] = [6, 2];
const latent: End = { kind: 'latent' };
const axes = random(5, 'axes').normals(size * width);

/** Rows through a matrix of [from, to], and through the op. */
function model(name: string, matrix: Float32Array, [from, to]: [number, number], op: string, ends = latent): Embedded {
  const [input, weight] = [typed('in', ['batch', from]), typed('m', [from, to])];
  const [sum, out] = [{ name: 'sum' }, typed('out', ['batch', to])];
  const graph = graphOf({
    inputs: [input],
    outputs: [out],
    nodes: [node('MatMul', [input, weight], [sum]), node(op, [sum], [out])],
    initializers: new Map([[weight, float32([from, to], matrix)]]),
  });
  return embedded(name, graph, { from: ends, to: ends });
}

const companions = {
  encoder: model('encoder', axes, [size, width], 'Identity'),
  decoder: model(
    'decoder',
    axes.map((value) => value / 4),
    [width, size],
    'Sigmoid',
  ),
};

test('gradients of codes are those of their points through the decoder', async () => {
  const points = random(6, 'points').uniforms(3 * size);
  const cotangents = random(7, 'cotangents').normals(3 * size);
  await inLatent(companions, points, size, async ({ width: found, decode, pull }, codes) => {
    expect([found, codes.length]).toEqual([width, 3 * width]);
    const gradients = await pull(codes, cotangents);
    for (let at = 0; at < codes.length; at++) {
      const value = async (by: number): Promise<number> => {
        const moved = await decode(codes.map((code, i) => (i === at ? code + by : code)));
        return moved.reduce((sum, each, i) => sum + each * cotangents[i]!, 0);
      };
      expect(gradients[at]).toBeCloseTo(((await value(0.01)) - (await value(-0.01))) / 0.02, 3);
    }
  });
});

const linear = linearCase(7, [size], 6, 2);

async function explained(method: typeof revise | typeof cChvae, given: GivenOptions = {}): Promise<Finding[]> {
  const ground = await openGround(
    linear.graph,
    linear.samples,
    { goal: { kind: 'class', label: 1 } },
    { batch: 6, threads: 1 },
    { input: 'x', bounds: ({ network }) => boundsOf([[0, 1]], network.space, 'given'), companions: () => companions },
  );
  try {
    const one = method as typeof revise;
    return await runExplainer(one, settle(one, given), ground, { batch: 6 });
  } finally {
    await ground.release();
  }
}

/** How far a point is from what the decoder can make: logits that are no sum of its two axes. */
function besides(point: Float32Array): number {
  const logits = [...point].map((value) => Math.log(value / (1 - value)));
  const [first, second] = [0, 1].map((row) => [...axes.subarray(row * size, (row + 1) * size)]) as [number[], number[]];
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const upright = second.map((value, i) => value - (first[i]! * dot(first, second)) / dot(first, first));
  const left = [first, upright].reduce<number[]>(
    (rest, axis) => rest.map((value, i) => value - (axis[i]! * dot(rest, axis)) / dot(axis, axis)),
    logits,
  );
  return Math.hypot(...left);
}

test.each([
  ['revise', revise, { steps: 300 }],
  ['c-chvae', cChvae, {}],
] as const)('%s finds points that the decoder makes', async (_, method, given) => {
  const found = await explained(method, given);
  const reached = found.filter(({ success }) => success);
  expect(reached.length).toBeGreaterThan(2);
  for (const { counterfactual, margin } of reached) {
    expect(margin).toBeLessThan(0);
    expect(besides(counterfactual)).toBeLessThan(1e-3);
  }
});

test('revise goes less far the more distance weighs', async () => {
  const distances = async (lambda: number): Promise<(number | undefined)[]> =>
    (await explained(revise, { lambda, steps: 300 })).map(({ success, counterfactual, id }) =>
      success
        ? counterfactual.reduce((sum, value, i) => sum + Math.abs(value - linear.x[id * size + i]!), 0)
        : undefined,
    );
  const [free, dear] = [await distances(0), await distances(0.5)];
  const both = free.flatMap((far, i) => (far !== undefined && dear[i] !== undefined ? [[far, dear[i]!]] : []));
  expect(both.length).toBeGreaterThan(2);
  const sums = [0, 1].map((k) => both.reduce((sum, pair) => sum + pair[k]!, 0));
  expect(sums[1]).toBeLessThan(sums[0]!);
});
