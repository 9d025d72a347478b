/** What every criterion owes, and what each reduces to when its statistics say nothing. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countOf, type Group, type PatternSpec } from '../../src/masks/patterns.js';
import { type PrunerName, pruneLayer, pruners } from '../../src/prune/index.js';
import { layer, zeros } from './layers.js';

const names = Object.keys(pruners) as PrunerName[];
const half: PatternSpec = { kind: 'unstructured', sparsity: 0.5 };

describe.each(names)('%s', (name) => {
  const pruner = pruners[name];

  test('is called what the catalogue calls it', () => expect(pruner.name).toBe(name));

  test('returns every bit at sparsity 0', async () => {
    const request = layer(6, 20);
    const { weight, mask, removed } = await pruneLayer(pruner, { ...request, pattern: { ...half, sparsity: 0 } });
    expect(weight).toEqual(request.weight.data);
    expect(removed + zeros(mask)).toBe(0);
  });

  test('does not write to the weight or the statistics', async () => {
    const request = layer(6, 20, 2);
    const before = structuredClone([request.weight, request.statistics]);
    await pruneLayer(pruner, { ...request, pattern: half });
    expect([request.weight, request.statistics]).toEqual(before);
  });

  test('removes exactly as many as the group asks for, writes +0 and gives the same twice', async () => {
    const pattern = fc.double({ min: 0, max: 0.99, noNaN: true });
    const sizes = fc.tuple(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 3 }),
    );
    await fc.assert(
      fc.asyncProperty(
        pattern,
        sizes,
        fc.constantFrom<Group>('row', 'matrix'),
        async (sparsity, [rows, columns, stacks], group) => {
          const request = {
            ...layer(rows, columns, stacks),
            pattern: { kind: 'unstructured' as const, sparsity },
            group,
          };
          const { weight, mask, removed } = await pruneLayer(pruner, request);
          const total = stacks * rows * columns;
          expect(removed).toBe(group === 'row' ? stacks * rows * countOf(sparsity, columns) : countOf(sparsity, total));
          expect(zeros(mask)).toBe(removed);
          expect(weight.every((w, i) => mask[i] === 1 || Object.is(w, 0))).toBe(true);
          expect((await pruneLayer(pruner, request)).weight).toEqual(weight);
        },
      ),
      { seed: 7, numRuns: 60 },
    );
  });

  test.each([
    [2, 4, 16],
    [4, 8, 16],
    [1, 4, 18],
    [3, 5, 23],
    [5, 200, 410],
  ])('%i:%i of %i columns keeps n of every m and leaves the rest dense', async (n, m, columns) => {
    const { mask, notes } = await pruneLayer(pruner, { ...layer(5, columns, 2, 20), pattern: { kind: 'n:m', n, m } });
    for (let row = 0; row < 10; row++) {
      const kept = mask.subarray(row * columns, (row + 1) * columns);
      const whole = columns - (columns % m);
      for (let i = 0; i < whole; i += m) expect(m - zeros(kept.subarray(i, i + m))).toBe(n);
      expect(zeros(kept.subarray(whole))).toBe(0);
    }
    expect(notes.some((note) => note.includes('stay dense'))).toBe(columns % m !== 0);
  });

  test('n:m stays inside segments', async () => {
    // three kernel positions of 6 channels each: 4 in a group, 2 dense
    const { mask } = await pruneLayer(pruner, { ...layer(3, 18), pattern: { kind: 'n:m', n: 2, m: 4 }, segment: 6 });
    for (let i = 0; i < mask.length; i += 6) {
      expect(zeros(mask.subarray(i, i + 4))).toBe(2);
      expect(zeros(mask.subarray(i + 4, i + 6))).toBe(0);
    }
  });

  test.each<Group>(['row', 'matrix'])('removes whole tiles, group %s', async (group) => {
    const pattern: PatternSpec = { kind: 'blocks', rows: 2, columns: 3, sparsity: 0.4 };
    const { mask, removed, notes } = await pruneLayer(pruner, {
      ...layer(9, 31),
      pattern,
      group,
      options: { blockSize: 7 },
    });
    // 4 x 10 tiles; a row and a column stay dense
    for (let tile = 0; tile < 40; tile++) {
      const at = Math.floor(tile / 10) * 2 * 31 + (tile % 10) * 3;
      const cells = [at, at + 1, at + 2, at + 31, at + 32, at + 33].map((i) => mask[i]);
      expect(new Set(cells).size).toBe(1);
    }
    expect(removed).toBe(16 * 6);
    expect(notes.some((note) => note.includes('1 of 9 rows and 1 of 31 columns stay dense'))).toBe(true);
  });

  test('skips what the pattern does not fit, with the reason', async () => {
    const request = layer(2, 3);
    const { skipped, removed, weight } = await pruneLayer(pruner, { ...request, pattern: { kind: 'n:m', n: 2, m: 4 } });
    expect([skipped, removed]).toEqual(['2:4 needs 4 consecutive inputs, the layer has 3', 0]);
    expect(weight).toEqual(request.weight.data);
  });

  test('global takes the count it is given', async () => {
    const request = { ...layer(5, 30), pattern: half, group: 'global' as const };
    expect((await pruneLayer(pruner, { ...request, remove: 37 })).removed).toBe(37);
    await expect(pruneLayer(pruner, request)).rejects.toThrow(
      "prune 'layer': expected the number of weights to remove for the group 'global', got none; count over all layers first",
    );
  });

  test('copes with zero columns, zero rows and a single sample', async () => {
    const request = layer(4, 10, 1, 1);
    request.weight.data.fill(0, 0, 10);
    for (const j of [2, 3]) {
      request.statistics!.columnNorm![j] = 0;
      for (let i = 0; i < 10; i++) {
        request.statistics!.gram![i * 10 + j] = 0;
        request.statistics!.gram![j * 10 + i] = 0;
      }
    }
    const { weight, removed } = await pruneLayer(pruner, { ...request, pattern: half });
    expect(weight.every(Number.isFinite)).toBe(true);
    expect(removed).toBe(20);
  });

  test('names the layer of a weight that is NaN', async () => {
    const request = layer(2, 4);
    request.weight.data[5] = Number.NaN;
    await expect(pruneLayer(pruner, { ...request, pattern: half })).rejects.toThrow(
      "prune 'layer': the weight at row 1, column 1 is NaN; look for NaN or overflow in the model and the calibration data",
    );
  });

  test.runIf(pruner.needs.length > 0)(
    'names a statistic that is missing, of the wrong size or not finite',
    async () => {
      const request = { ...layer(2, 4), pattern: half };
      const need = pruner.needs[0]!;
      const values = request.statistics![need]!;
      const message = (found?: Float64Array) =>
        pruneLayer(pruner, { ...request, statistics: found ? { [need]: found } : {} }).catch(
          (error: Error) => error.message,
        );
      expect(await message()).toBe(
        `prune 'layer': expected the statistic ${need} for ${name}, got none; observe it first`,
      );
      expect(await message(values.subarray(1))).toBe(
        `prune 'layer': expected ${values.length} values of ${need}, got ${values.length - 1}`,
      );
      expect(await message(values.map((value, i) => (i === 2 ? Number.POSITIVE_INFINITY : value)))).toBe(
        `prune 'layer': the ${need} at row 0, column 2 is Infinity; look for NaN or overflow in the model and the calibration data`,
      );
    },
  );
});

test('wanda with equal columns is magnitude by row', async () => {
  const request = { ...layer(7, 40), pattern: half };
  const columnNorm = new Float64Array(40).fill(9);
  const a = await pruneLayer(pruners.wanda, { ...request, statistics: { columnNorm } });
  const b = await pruneLayer(pruners.magnitude, { ...request, group: 'row' });
  expect(a.mask).toEqual(b.mask);
});

test('ria with alpha 0 ignores activations', async () => {
  const request = { ...layer(7, 40), pattern: half, options: { riaAlpha: 0 } };
  const { mask } = await pruneLayer(pruners.ria, request);
  const columnNorm = new Float64Array(40).fill(1);
  expect((await pruneLayer(pruners.ria, { ...request, statistics: { columnNorm } })).mask).toEqual(mask);
});

test('random depends on seed and layer name alone', async () => {
  const request = { ...layer(7, 40), pattern: half };
  const mask = async (extra: object) => (await pruneLayer(pruners.random, { ...request, ...extra })).mask.join('');
  const first = await mask({});
  expect(await mask({ statistics: {} })).toBe(first);
  expect(await mask({ seed: 1 })).not.toBe(first);
  expect(await mask({ layer: 'other' })).not.toBe(first);
});
