import { describe, expect, test } from 'vitest';
import { mapLabels } from '../../src/data/labels.js';

type Labels = readonly (string | number)[];

describe('mapLabels', () => {
  test.each<[string, Labels, Labels | undefined, Labels | undefined, number[], string[], string]>([
    [
      'whole numbers from 0 stay',
      [2, 0, 3],
      undefined,
      undefined,
      [2, 0, 3],
      ['0', '1', '2', '3'],
      'labels are the numbers of the classes, 0 to 3',
    ],
    [
      'also when they are text',
      ['1', '0'],
      undefined,
      undefined,
      [1, 0],
      ['0', '1'],
      'labels are the numbers of the classes, 0 to 1',
    ],
    [
      'others are sorted by size',
      [10, 9, -1],
      undefined,
      undefined,
      [2, 1, 0],
      ['-1', '9', '10'],
      'labels -1, 9, 10 are the classes 0 to 2, sorted',
    ],
    [
      'fractions too, though from 0',
      [0.5, 0],
      undefined,
      undefined,
      [1, 0],
      ['0', '0.5'],
      'labels 0, 0.5 are the classes 0 to 1, sorted',
    ],
    [
      'names are sorted by code units',
      ['é', 'b', 'Z', '10', '9'],
      undefined,
      undefined,
      [4, 3, 2, 0, 1],
      ['10', '9', 'Z', 'b', 'é'],
      'labels 10, 9, Z, b, é are the classes 0 to 4, sorted',
    ],
    [
      'the order of the files',
      ['up', 'down'],
      ['up', 'level', 'down'],
      undefined,
      [0, 2],
      ['up', 'level', 'down'],
      'labels up, level, down are the classes 0 to 2, in the order that the files declare',
    ],
    [
      'the order given wins; 1 and 1.0 are one',
      [1, 2],
      [1, 2],
      ['2', '1.0'],
      [1, 0],
      ['2', '1'],
      'labels 2, 1 are the classes 0 to 1, as given',
    ],
  ])('%s', (_, labels, declared, given, classes, names, description) => {
    const mapped = mapLabels(labels, declared, 'f', given);
    expect([[...mapped.labels], mapped.names, mapped.description]).toEqual([classes, names, description]);
  });

  test.each<[string, Labels, Labels, string]>([
    [
      'a label that is not given',
      ['a', 'c'],
      ['a', 'b'],
      "f: expected one of the classes a, b, got 'c' for sample 1; name all of them with --classes",
    ],
    ['a class given twice', ['a'], ['a', 'a'], "f: expected each class once, got 'a' twice"],
  ])('refuses %s', (_, labels, given, message) => {
    expect(() => mapLabels(labels, undefined, 'f', given)).toThrow(message);
  });
});
