import type { Case } from './case.js';

/** The pairs of shapes that broadcasting has to get right. */
const pairs = [
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
] as const;

const binaries = (op: string, options = {}): Case[] => pairs.map((shapes) => [op, shapes, options]);

export const arithmetic: readonly Case[] = [
  ...binaries('Add'),
  ...binaries('Sub'),
  ...binaries('Mul'),
  ...binaries('Div', { low: 0.5, high: 2 }),
  ['Neg', [[2, 3]]],
];
