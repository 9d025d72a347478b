/** Series scaled by the figures of the training set, of a file, of themselves, or by numbers. */
import { describe, expect, test } from 'vitest';
import { readTrainingStandardise, scaled, type TrainingStandardise } from '../../../src/data/series-sets/scaling.js';
import { files, open } from './opened.js';

describe('scaling', () => {
  const half = Math.sqrt(8 / 3);
  test.each<[string, string, TrainingStandardise, number[]]>([
    [
      'min-max of each; a constant one is 0',
      files.tsv,
      { kind: 'min-max', over: 'each' },
      [0, 0.5, 1, 0, 0.5, 1, 0, 0, 0],
    ],
    ['z of each', files.tsv, { kind: 'z', over: 'each' }, [-2 / half, 0, 2 / half, -2 / half, 0, 2 / half, 0, 0, 0]],
    ['two numbers', files.tsv, { kind: 'z', over: { numbers: [1, 2] } }, [-0.5, 0.5, 1.5, -1.5, -0.5, 0.5, 0, 0, 0]],
    [
      'the range of the training series, unlabelled ones too',
      files.tsv,
      { kind: 'min-max', over: 'training' },
      [2, 4, 6, 0, 2, 4, 3, 3, 3].map((v) => v / 11),
    ],
    [
      'the range of a file',
      files.tsv,
      { kind: 'min-max', over: { file: files.otherTsv } },
      [-0.5, 0.5, 1.5, -1.5, -0.5, 0.5, 0, 0, 0],
    ],
    [
      'each channel by its own steps, zeros after stay',
      files.ts,
      { kind: 'min-max', over: 'training' },
      [
        [0, 1, 2, 0, 1, 2],
        [3, 4, 0, 3, 4, 0],
        [5, 6, 7, 5, 6, 7],
      ]
        .flat()
        .map((v) => v / 7),
    ],
  ])('%s', async (_, path, standardise, expected) => {
    const { training, scaling } = await open(path, { standardise });
    const result = scaled(training, scaling!);
    expect([...result.values.subarray(0, expected.length)]).toEqual([...Float32Array.from(expected)]);
    expect(result.labels).toBe(training.labels);
  });

  test('the figures are those of the population of all steps', async () => {
    const { scaling } = await open(files.shortTsv, { standardise: { kind: 'z', over: 'training' } });
    expect(scaling).toEqual({ kind: 'z', by: [{ offset: 2.5, divisor: Math.sqrt(1.25) }] });
  });

  test.each([
    ['z:training', { kind: 'z', over: 'training' }],
    ['z', { kind: 'z', over: 'each' }],
    ['min-max:./training', { kind: 'min-max', over: { file: './training' } }],
    ['none', undefined],
  ])('%s', (text, expected) => {
    expect(readTrainingStandardise(text)).toEqual(expected);
  });
});
