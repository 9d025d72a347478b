/** Factorisations through the runtime. */
import { createLinalg } from '../../dist/linalg/index.js';
import { machine, median, milliseconds, rounded, threads } from './measure.mjs';

export async function* linalg() {
  const library = await createLinalg({ threads });
  for (const [n, rounds] of [
    [768, 7],
    [3072, 5],
  ]) {
    const a = positiveDefinite(n);
    await library.cholesky(a, n);
    const times = [];
    for (let round = 0; round < rounds; round++) times.push(await milliseconds(() => library.cholesky(a, n)));
    const context = `median of ${rounds}, best ${rounded(Math.min(...times) / 1000)}; ${machine}`;
    yield { name: `Cholesky n = ${n} float64`, value: rounded(median(times) / 1000), unit: 's', context };
  }
  await library.release();
}

/** Symmetric, dense and diagonally dominant. */
function positiveDefinite(n) {
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) a[i * n + j] = a[j * n + i] = Math.sin(i * 12.9898 + j * 78.233);
    a[i * n + i] = 2 * n;
  }
  return a;
}
