/** Medians and rounding, shared by the benchmarks. */
import { availableParallelism } from 'node:os';

export const threads = availableParallelism();

export const machine = `${threads} threads, Node ${process.versions.node}, ${process.platform}-${process.arch}`;

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

export const rounded = (value) => Number(value.toPrecision(4));

/** Milliseconds that `work` takes. */
export async function milliseconds(work) {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** Median times of several works run in turn, so that a drift of the machine meets them all. */
export async function inTurn(works, rounds) {
  for (const work of works) await work();
  const times = works.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, work] of works.entries()) times[i].push(await milliseconds(work));
  }
  return times.map(median);
}
