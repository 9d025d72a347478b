/** Convex density constraints in the plane, where a fine grid says what is nearest. */
import { describe, expect, test } from 'vitest';
import { denseRegions } from '../../src/counterfactual/dense/dense-regions.js';
import { sizeIn } from '../../src/counterfactual/dense/ellipsoid.js';
import { type Ground, openGround } from '../../src/counterfactual/ground/ground.js';
import { convexDensity } from '../../src/counterfactual/methods/convex-density.js';
import { runExplainer } from '../../src/counterfactual/run.js';
import type { Samples } from '../../src/data/samples.js';
import type { Graph } from '../../src/ir/types.js';
import { boundsOf } from '../../src/oracle/bounds.js';
import { type GivenOptions, settle } from '../../src/settings/index.js';
import { random } from '../../src/tensor/random.js';
import { float32 } from '../../src/tensor/tensor.js';
import { graphOf, node, typed } from '../helpers/graphs.js';

const x = typed('x', ['batch', 2]);

/** 40 points around (0.3, 0.3), and of the other class 60 around (0.8, 0.35) and 60 around (0.35, 0.8). */
const centres = [[0.3, 0.3, 40] as const, [0.8, 0.35, 60] as const, [0.35, 0.8, 60] as const];
const rng = random(11, 'points');
const labels = Int32Array.from(centres.flatMap(([, , many], c) => Array<number>(many).fill(Math.min(c, 1))));
const rows = Float32Array.from(
  centres
    .flatMap(([a, b, many]) => Array.from({ length: many }, () => [a, b]))
    .flatMap(([a, b], i) => [a! + 0.06 * rng.normal(2 * i), b! + 0.03 * rng.normal(2 * i + 1)]),
);
const samples: Samples = {
  count: labels.length,
  labels,
  batch: (from, to) => new Map([[x, float32([to - from, 2], rows.subarray(2 * from, 2 * to))]]),
  provenance: { files: [], description: 'made' },
};

/** Class 1 where a + b is above 1.05: scores s and -s. */
const sum = (a: number, b: number): number => a + b - 1.05;
/** Class 1 where relu(a - 0.6) + relu(b - 0.6) is above 0.08: flat around the first centre. */
const bent = (a: number, b: number): number => Math.max(a - 0.6, 0) + Math.max(b - 0.6, 0) - 0.08;

function model(isBent: boolean): Graph {
  const [weights, shift, least] = [typed('w', [2, 2]), typed('shift', [1, 2]), typed('least', [1])];
  const [over, live, both, out] = [{ name: 'over' }, { name: 'live' }, { name: 'both' }, typed('out', ['batch', 2])];
  return graphOf({
    inputs: [x],
    outputs: [out],
    nodes: [
      node('Sub', [x, least], [over]),
      node(isBent ? 'Relu' : 'Identity', [over], [live]),
      node('MatMul', [live, weights], [both]),
      node('Add', [both, shift], [out]),
    ],
    initializers: new Map([
      [least, float32([1], Float32Array.of(isBent ? 0.6 : 0.525))],
      [weights, float32([2, 2], Float32Array.of(-1, 1, -1, 1))],
      [shift, float32([1, 2], isBent ? Float32Array.of(0.08, -0.08) : new Float32Array(2))],
    ]),
  });
}

const opened = (isBent: boolean): Promise<Ground> =>
  openGround(
    model(isBent),
    samples,
    { goal: { kind: 'class', label: 1 } },
    { batch: 64, threads: 1 },
    { reference: samples, rows: [0, 1, 2, 3, 4, 5], bounds: ({ network }) => boundsOf([[0, 1]], network.space, '') },
  );

const explained = (ground: Ground, given: GivenOptions) =>
  runExplainer(convexDensity, settle(convexDensity, given), ground, { batch: 64 });

describe.each(['manhattan', 'euclid'] as const)('%s', (norm) => {
  test.each([
    ['linear', false, sum],
    ['bent', true, bent],
  ] as const)('what is found of a %s model is dense, and no point of a grid is nearer', async (_, isBent, score) => {
    const ground = await opened(isBent);
    const found = await explained(ground, { norm });
    const regions = await denseRegions(ground.reference!, 1, 0.5);
    expect(regions.length).toBe(2);
    const isDense = (a: number, b: number): boolean =>
      regions.some((region) => sizeIn(region, [a, b]) <= region.radius * (1 + 1e-3));
    const steps = Array.from({ length: 301 }, (_, i) => i / 300);
    const grid = steps.flatMap((a) =>
      steps.flatMap((b): [number, number][] => (score(a, b) > 0 && isDense(a, b) ? [[a, b]] : [])),
    );
    expect(found.length).toBe(6);
    for (const { success, counterfactual, id } of found) {
      expect(success).toBe(true);
      const length = (a: number, b: number): number => {
        const [da, db] = [Math.abs(a - rows[2 * id]!), Math.abs(b - rows[2 * id + 1]!)];
        return norm === 'euclid' ? Math.hypot(da, db) : da + db;
      };
      const [a, b] = counterfactual as unknown as [number, number];
      expect(isDense(a, b)).toBe(true);
      const least = Math.min(...grid.map((point) => length(...point)));
      expect(length(a, b)).toBeLessThan(least + 0.004);
      expect(length(a, b)).toBeGreaterThan(least - 0.008);
    }
    await ground.release();
  });
});

test('the denser it is to be, the farther it lies', async () => {
  const ground = await opened(false);
  const lengths: number[] = [];
  for (const quantile of [0, 0.5, 0.9]) {
    const found = await explained(ground, { quantile });
    expect(found.every(({ success }) => success)).toBe(true);
    lengths.push(
      found.reduce(
        (total, { counterfactual, id }) =>
          total + counterfactual.reduce((all, value, i) => all + Math.abs(value - rows[2 * id + i]!), 0),
        0,
      ),
    );
  }
  expect(lengths[1]).toBeGreaterThan(lengths[0]! + 0.1);
  expect(lengths[2]).toBeGreaterThan(lengths[1]! + 0.1);
  await ground.release();
});
