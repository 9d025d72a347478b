import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLinalg, type Linalg } from '../../src/linalg/index.js';
import { solveOnSupports } from '../../src/reconstruct/on-supports.js';
import { random } from '../../src/tensor/random.js';
import { randomMatrix, randomSpd } from '../linalg/reference.js';
import { solve } from '../prune/plain-linalg.js';

let linalg: Linalg;
beforeAll(async () => {
  linalg = await createLinalg({ threads: 1 });
});
afterAll(() => linalg.release());

/** [what, unknowns, rows, which may move] */
const systems: readonly (readonly [string, number, number, (row: number, i: number) => boolean])[] = [
  ['few may move', 40, 30, (row, i) => chance(row, i) < 0.2],
  ['most may move', 40, 30, (row, i) => chance(row, i) < 0.8],
  ['all may move', 12, 5, () => true],
  ['none may move', 12, 5, () => false],
  ['rows with all, none and some', 12, 9, (row, i) => row % 3 === 0 || (row % 3 === 1 && i < 6)],
  ['two of every four, the same in all rows', 40, 6, (_, i) => i % 4 < 2],
  ['all but one of the unknowns', 20, 20, (row, i) => i !== row],
  ['wider than plain loops', 150, 2, (row, i) => (i + row) % 15 !== 0],
];

describe('solveOnSupports', () => {
  test.each(systems)('%s', async (_, n, rows, mayMove) => {
    const matrix = randomSpd(new Float64Array(), n, 3);
    const right = randomMatrix(new Float64Array(), rows, n, 4);
    const support = Uint8Array.from({ length: rows * n }, (_, i) => (mayMove(Math.floor(i / n), i % n) ? 1 : 0));
    const done: number[] = [];
    const found = await solveOnSupports({ matrix, n, right, rows, support }, { linalg, onRows: (to) => done.push(to) });
    expect(done.at(-1)).toBe(rows);
    for (let row = 0; row < rows; row++) {
      const free = Array.from({ length: n }, (_, i) => i).filter((i) => mayMove(row, i));
      const part = Float64Array.from(free.flatMap((i) => free.map((j) => matrix[i * n + j]!)));
      const expected = new Float64Array(n);
      const solved = solve(
        part,
        free.length,
        Float64Array.from(free, (i) => right[row * n + i]!),
      );
      free.forEach((at, k) => {
        expected[at] = solved[k]!;
      });
      for (let i = 0; i < n; i++) expect(Math.abs(found[row * n + i]! - expected[i]!)).toBeLessThan(1e-9);
      for (let i = 0; i < n; i++) if (!mayMove(row, i)) expect(found[row * n + i]).toBe(0);
    }
  });

  test('stops between two supports', async () => {
    const controller = new AbortController();
    const support = Uint8Array.from({ length: 100 }, (_, i) => (chance(i, 1) < 0.5 ? 1 : 0));
    const right = new Float64Array(100);
    let done = 0;
    const running = solveOnSupports(
      { matrix: randomSpd(new Float64Array(), 10, 1), n: 10, right, rows: 10, support },
      {
        linalg,
        signal: controller.signal,
        onRows(rows) {
          done = rows;
          controller.abort(new Error('enough'));
        },
      },
    );
    await expect(running).rejects.toThrow('enough');
    expect(done).toBeLessThan(10);
  });
});

const chance = (row: number, i: number): number => random(row, 'support').uniform(i);
