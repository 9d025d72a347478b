import fc from 'fast-check';
import { expect, test } from 'vitest';
import { globalCounts } from '../../src/masks/global.js';
import { countOf } from '../../src/masks/patterns.js';

const layersOf = (lists: readonly (readonly number[])[]) =>
  lists.map((list, i) => ({ name: `layer ${i}`, scores: () => Float32Array.from(list) }));

const values = fc.array(fc.array(fc.constantFrom(0, -0, 1, 1.0000001, 2, -3, 1e-30, 70000), { maxLength: 30 }), {
  minLength: 1,
  maxLength: 6,
});
const sparsities = fc.double({ min: 0, max: 0.99, noNaN: true });

test('counts are those of sorting all scores together, ties by layer', async () => {
  await fc.assert(
    fc.asyncProperty(values, sparsities, async (lists, sparsity) => {
      const all = lists.flatMap((list, layer) => list.map((value) => ({ value: Math.fround(value), layer })));
      const count = countOf(sparsity, all.length);
      const expected = lists.map(() => 0);
      for (const { layer } of all.sort((a, b) => a.value - b.value).slice(0, count)) expected[layer]!++;
      expect(await globalCounts(layersOf(lists), sparsity)).toEqual(expected);
    }),
    { seed: 5, numRuns: 200 },
  );
});

test('the reference rule removes whatever is not above the threshold', async () => {
  await fc.assert(
    fc.asyncProperty(values, sparsities, async (lists, sparsity) => {
      const all = lists.flat().map(Math.fround);
      fc.pre(all.length > 0 && sparsity > 0);
      const threshold = all.sort((a, b) => a - b)[Math.trunc(all.length * sparsity)]!;
      const expected = lists.map((list) => list.filter((x) => Math.fround(x) <= threshold).length);
      expect(await globalCounts(layersOf(lists), sparsity, 'reference')).toEqual(expected);
    }),
    { seed: 6, numRuns: 200 },
  );
});

test('names the layer whose score is not finite', async () => {
  await expect(globalCounts(layersOf([[1], [2, Number.NaN]]), 0.5)).rejects.toThrow(
    "prune 'layer 1': the score at row 0, column 1 is NaN",
  );
});
