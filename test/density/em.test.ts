import { describe, expect, test } from 'vitest';
import { component } from '../../src/density/component.js';
import { maximise, openEm } from '../../src/density/em.js';
import { floored } from '../../src/density/floor.js';
import { type CovarianceKind, gmm } from '../../src/density/index.js';
import { cluster } from '../../src/density/seeding.js';
import { spreadOf } from '../../src/density/spread.js';
import { random } from '../../src/tensor/random.js';
import { joined, normals, sum } from './sets.js';

const d = 2;
const points = Float64Array.from(normals(50, d));

/** Two components that fit nothing in particular. */
const start = (kind: CovarianceKind) => {
  const forms = {
    full: [Float64Array.of(1, 0.3, 0.3, 2), Float64Array.of(2, -0.5, -0.5, 1)],
    diagonal: [Float64Array.of(1, 2), Float64Array.of(2, 1)],
  };
  return [0.4, 0.6].map((weight, k) => component(weight, Float64Array.of(k - 1, 2 * k - 0.5), forms[kind][k]!, kind));
};

describe.each(['full', 'diagonal'] as const)('a step of %s covariances', (kind) => {
  test('gives the weighted moments', async () => {
    const before = start(kind);
    const em = await openEm(points, d, kind);
    const expected = await em.expect(before);
    await em.release();
    expect(expected.logLikelihood).toBeCloseTo(sum(gmm(before, kind).logDensity(points)), 9);
    const all = gmm(before, kind).logDensity(points);
    const after = maximise(before, expected, kind, 1e-9);
    for (const [k, { weight, mean, covariance }] of after.entries()) {
      const alone = gmm([{ ...before[k]!, weight: 1 }], kind).logDensity(points);
      const shares = alone.map((log, i) => before[k]!.weight * Math.exp(log - all[i]!));
      const count = sum(shares);
      const over = (f: (i: number) => number): number => sum(shares.map((share, i) => share * f(i))) / count;
      const at = (i: number, j: number): number => points[i * d + j]!;
      expect(weight).toBeCloseTo(count / 50, 10);
      for (let i = 0; i < d; i++) {
        expect(mean[i]).toBeCloseTo(
          over((row) => at(row, i)),
          10,
        );
        for (let j = 0; j < d; j++) {
          const wanted = over((row) => (at(row, i) - mean[i]!) * (at(row, j) - mean[j]!));
          if (kind === 'full') expect(covariance[i * d + j]).toBeCloseTo(wanted, 10);
          else if (i === j) expect(covariance[i]).toBeCloseTo(wanted, 10);
        }
      }
    }
  });

  test('drops a component without points', () => {
    const counts = Float64Array.of(0, 10);
    const seconds = new Float64Array(kind === 'full' ? 8 : 4).fill(kind === 'full' ? 0 : 10);
    const after = maximise(start(kind), { logLikelihood: 0, counts, firsts: new Float64Array(4), seconds }, kind, 0.5);
    expect(after.map(({ weight }) => weight)).toEqual([1]);
    expect(after[0]!.mean).toEqual(start(kind)[1]!.mean);
  });
});

describe('a floor', () => {
  /** The covariance with these eigenvalues along axes turned by half a radian. */
  const [c, s] = [Math.cos(0.5), Math.sin(0.5)];
  const rotated = (a: number, b: number): Float64Array =>
    Float64Array.of(c * c * a + s * s * b, c * s * (a - b), c * s * (a - b), s * s * a + c * c * b);

  test.each([
    ['one below it', [4, 0.01], [4, 0.25]],
    ['both below it', [0.1, 0.01], [0.25, 0.25]],
    ['one at 0', [4, 0], [4, 0.25]],
    ['none below it', [4, 1], [4, 1]],
  ])('raises eigenvalues to it, and leaves the others: %s', (_, [a, b], [x, y]) => {
    const found = floored(rotated(a!, b!), 2, 'full', 0.25);
    rotated(x!, y!).forEach((value, i) => void expect(found[i]).toBeCloseTo(value, 12));
  });

  test('raises variances to it', () => {
    expect([...floored(Float64Array.of(4, 0.01), 2, 'diagonal', 0.25)]).toEqual([4, 0.25]);
  });
});

test('seeds fall into different clusters, which keep their points', () => {
  const centres = [0, 100, 200, 300, 400];
  const blobs = joined(...centres.map((centre, i) => normals(20, d, { seed: i, centre })));
  for (let seed = 0; seed < 10; seed++) {
    const { members } = cluster(Float64Array.from(blobs), d, 5, random(seed, 'seeds'));
    const found = centres.map((_, i) => new Set(members.subarray(i * 20, (i + 1) * 20)));
    expect(found.map(({ size }) => size)).toEqual([1, 1, 1, 1, 1]);
    expect(new Set(members).size).toBe(5);
  }
});

test('a constant feature has no variance, whatever the rounding', () => {
  for (let rows = 1; rows < 60; rows++) {
    expect(spreadOf(new Float32Array(rows).fill(0.1), 1).variance[0]).toBe(0);
  }
});
