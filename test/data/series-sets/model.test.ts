/** Sets of series for a model that is trained further: its input says how long they are. */
import { describe, expect, test } from 'vitest';
import type { SeriesSetOptions } from '../../../src/data/series-sets/open.js';
import type { Dimension, Graph } from '../../../src/ir/types.js';
import { graphWith } from '../models.js';
import { files, open, refused } from './opened.js';

describe('the input of a model', () => {
  const model = (...shape: Dimension[]): Graph => graphWith(['x', 'float32', ['N', ...shape]]);
  test.each<[string, Graph, string, number, number[] | undefined, boolean, SeriesSetOptions?]>([
    ['of that length', model(1, 3), files.tsv, 3, undefined, false],
    ['of any length', model(1, 'L'), files.tsv, 3, undefined, false],
    ['longer: zeros after', model(1, 5), files.tsv, 5, [3, 3, 3, 3], false],
    ['shorter, when asked to cut', model(1, 2), files.tsv, 2, undefined, false, { cutSeries: true }],
    ['steps first', model('L', 2), files.ts, 3, [3, 2, 3], true],
    ['flat', model(3), files.tsv, 3, undefined, false],
  ])('%s', async (_, graph, path, length, lengths, stepsFirst, options) => {
    const { training, layout } = await open(path, options, {}, graph);
    expect([training.length, training.lengths && [...training.lengths], layout?.stepsFirst]).toEqual([
      length,
      lengths,
      stepsFirst,
    ]);
  });

  test('unequal test series may fill it', async () => {
    const sets = await open(files.ts, {}, { test: [files.longTs] }, model(2, 4));
    expect([[...sets.training.lengths!], sets.test!.lengths && [...sets.test!.lengths]]).toEqual([
      [3, 2, 3],
      [4, 1],
    ]);
  });

  test.each<[string, Graph, string, string]>([
    [
      'other channels',
      model(5, 'L'),
      files.ts,
      "s.ts: expected data of shape [?, 5, ?] for the input 'x', got 2 channels of 3 values; choose other columns or another layout",
    ],
    [
      'longer series',
      model(1, 2),
      files.tsv,
      "s.tsv: expected series of 2 values, as in the input 'x', got 3; cut them with --cut-series",
    ],
    [
      'longer series of unequal length',
      model(2, 2),
      files.ts,
      "s.ts: expected series of at most 2 values, the longest of the input 'x', got 2 to 3; cut them with --cut-series",
    ],
    [
      'several inputs',
      graphWith(['x', 'float32', ['N', 1, 3]], ['m', 'bool', ['N', 3]]),
      files.tsv,
      "model: expected one input, of floats, to feed series, got float32 'x', bool 'm'; choose a classifier of series",
    ],
  ])('refuses %s', async (_, graph, path, message) => {
    await refused(open(path, {}, {}, graph), message);
  });
});
