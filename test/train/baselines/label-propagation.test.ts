import { afterAll, beforeAll, expect, test } from 'vitest';
import { rowsOf } from '../../../src/data/series.js';
import { createLinalg, type Linalg } from '../../../src/linalg/index.js';
import { random } from '../../../src/tensor/random.js';
import { labelPropagation, labelSpreading } from '../../../src/train/baselines/label-propagation.js';
import { neighbourGraph } from '../../../src/train/baselines/neighbour-graph.js';

let linalg: Linalg;
beforeAll(async () => {
  linalg = await createLinalg();
});
afterAll(() => linalg.release());

const [count, length, classes, known] = [40, 3, 2, 6];
const all = { count, channels: 1, length, values: random(1, 'points').normals(count * length) };
const labels = Int32Array.of(0, 1, 1, 0, 1, 0);
const labelled = {
  ...rowsOf(
    all,
    Array.from({ length: known }, (_, i) => i),
  ),
  labels,
};
const rest = Array.from({ length: count - known }, (_, i) => known + i);
const unlabelled = rowsOf(all, rest);

/** The weights of all pairs, [count, count]. */
async function weightsOf(kind: 'equal' | 'rbf'): Promise<Float64Array> {
  const { starts, ends, weights } = await neighbourGraph(Float64Array.from(all.values), length, 5, kind);
  const dense = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let e = starts[i]!; e < starts[i + 1]!; e++) dense[i * count + ends[e]!] = weights[e]!;
  }
  return dense;
}

const sum = (x: ArrayLike<number>): number => Array.from(x).reduce((total, value) => total + value, 0);
const degreesOf = (w: Float64Array): number[] =>
  Array.from({ length: count }, (_, i) => sum(w.subarray(i * count, (i + 1) * count)));

/** Logarithms of the shares of each row. */
const sharesOf = (beliefs: Float64Array): Float64Array =>
  beliefs.map((belief, at) =>
    Math.log(belief / sum(beliefs.subarray(at - (at % classes), at - (at % classes) + classes))),
  );

test.each(['equal', 'rbf'] as const)('edges of %s weights join each point with its nearest, and back', async (kind) => {
  const w = await weightsOf(kind);
  const distance = (i: number, j: number): number =>
    Math.hypot(...Array.from({ length }, (_, k) => all.values[i * length + k]! - all.values[j * length + k]!));
  const nearest = Array.from({ length: count }, (_, i) =>
    Array.from({ length: count }, (_, j) => j)
      .filter((j) => j !== i)
      .sort((a, b) => distance(i, a) - distance(i, b))
      .slice(0, 5),
  );
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      expect(w[i * count + j]! > 0).toBe(nearest[i]!.includes(j) || nearest[j]!.includes(i));
      expect(w[i * count + j]).toBe(w[j * count + i]);
    }
  }
  const kinds = new Set(w.filter((weight) => weight > 0));
  if (kind === 'equal') expect([...kinds]).toEqual([1]);
  else expect(kinds.size).toBeGreaterThan(50);
});

test.each(['equal', 'rbf'] as const)('propagation over %s weights ends at the harmonic solution', async (weights) => {
  const w = await weightsOf(weights);
  const degrees = degreesOf(w);
  // (D - W) of the unlabelled, times what they believe, is what flows in from the labelled
  const n = count - known;
  const a = Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [known + Math.floor(at / n), known + (at % n)];
    return (i === j ? degrees[i]! : 0) - w[i * count + j]!;
  });
  const b = Float64Array.from({ length: n * classes }, (_, at) => {
    const i = known + Math.floor(at / classes);
    return sum(Array.from(labels, (label, j) => (label === at % classes ? w[i * count + j]! : 0)));
  });
  const expected = sharesOf(await linalg.solve(a, n, b, classes));
  const settings = { neighbours: 5, weights, steps: 5000, tolerance: 1e-12 };
  const fitted = await labelPropagation.fit(labelled, classes, { seed: 0, unlabelled, settings });
  fitted.unlabelled!.forEach((score, at) => {
    expect(score).toBeCloseTo(expected[at]!, 4);
  });
});

test('spreading ends at its closed form', async () => {
  const w = await weightsOf('equal');
  const degrees = degreesOf(w);
  const alpha = 0.9;
  const a = w.map((weight, at) => {
    const [i, j] = [Math.floor(at / count), at % count];
    return Number(i === j) - (alpha * weight) / Math.sqrt(degrees[i]! * degrees[j]!);
  });
  const given = Float64Array.from({ length: count * classes }, (_, at) =>
    Number(labels[Math.floor(at / classes)] === at % classes),
  );
  const expected = sharesOf(await linalg.solve(a, count, given, classes)).subarray(known * classes);
  const settings = { neighbours: 5, alpha, steps: 5000, tolerance: 1e-12 };
  const fitted = await labelSpreading.fit(labelled, classes, { seed: 0, unlabelled, settings });
  fitted.unlabelled!.forEach((score, at) => {
    expect(score).toBeCloseTo(expected[at]!, 4);
  });
});

test('series far from all others still have the beliefs of their nearest', async () => {
  const settings = { neighbours: 2, weights: 'rbf' };
  const fitted = await labelPropagation.fit(labelled, classes, { seed: 0, unlabelled, settings });
  const far = { count: 1, channels: 1, length, values: Float32Array.of(1e6, 1e6, 1e6) };
  const scores = await fitted.scores(far);
  expect(sum(scores.map(Math.exp))).toBeCloseTo(1, 5);
});

test('what no label reaches is equal between the classes', async () => {
  const islands = {
    count: 8,
    channels: 1,
    length: 1,
    values: Float32Array.of(0, 0.1, 0.2, 0.3, 50, 50.1, 50.2, 50.3),
  };
  const few = { ...rowsOf(islands, [0]), labels: Int32Array.of(1) };
  const fitted = await labelPropagation.fit(few, 2, {
    seed: 0,
    unlabelled: rowsOf(islands, [1, 2, 3, 4, 5, 6, 7]),
    settings: { neighbours: 2 },
  });
  const shares = Array.from(fitted.unlabelled!, Math.exp);
  expect(shares.slice(0, 6).every((share, at) => Math.abs(share - (at % 2)) < 1e-5)).toBe(true);
  for (const share of shares.slice(6)) expect(share).toBeCloseTo(0.5, 6);
});
