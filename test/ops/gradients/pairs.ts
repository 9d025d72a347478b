import type { Case, CaseOptions } from './case.js';

/** The pairs of shapes that broadcasting has to get right. */
export const pairs: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], []],
  [[], [2, 3]],
  [[2, 3], [3]],
  [[3], [2, 3]],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [
    [1, 3],
    [2, 1],
  ],
  [
    [2, 3, 4],
    [1, 3, 1],
  ],
];

export const binaries = (op: string, options: CaseOptions = {}): Case[] => pairs.map((shapes) => [op, shapes, options]);
