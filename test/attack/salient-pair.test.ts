/** salientPair against all pairs tried one by one. */
import { expect, test } from 'vitest';
import { salientPair } from '../../src/attack/salient-pair.js';
import { random } from '../../src/tensor/random.js';

/** The most that any move alone or pair reaches, or 0. */
function mostOf(u: Float32Array, w: Float32Array): number {
  let most = 0;
  const take = (forGoal: number, fromRest: number): void => {
    if (forGoal > 0 && fromRest > 0) most = Math.max(most, forGoal * fromRest);
  };
  for (let p = 0; p < u.length; p++) {
    take(u[p], w[p]);
    for (let q = 0; q < p; q++) take(u[p] + u[q], w[p] + w[q]);
  }
  return most;
}

test.each([-0.98, -0.5, 0, 0.5, 0.98])('is the best of all pairs at a correlation of %s', (correlation) => {
  for (let seed = 0; seed < 60; seed++) {
    const rng = random(seed, `pair ${correlation}`);
    const size = 1 + rng.integer(0, 40);
    const u = rng.normals(size);
    const own = rng.normals(size, size);
    const w = u.map((value, i) => correlation * value + Math.sqrt(1 - correlation ** 2) * own[i]);
    for (let i = 0; i < size; i++) if (rng.uniform(i) < 0.2) u[i] = Number.NEGATIVE_INFINITY;
    const pair = salientPair(u, w);
    const sum = (values: Float32Array): number => pair.reduce((all, i) => all + values[i], 0);
    expect(new Set(pair).size).toBe(pair.length);
    expect(pair.length === 0 ? 0 : sum(u) * sum(w)).toBeCloseTo(mostOf(u, w), 9);
  }
});
