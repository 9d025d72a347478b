import type { Case } from './case.js';

export const flat: readonly Case[] = [
  ['Sign', [[2, 3]]],
  ['Ceil', [[2, 3]]],
  ['Floor', [[2, 3]]],
  ['Round', [[2, 3]]],
  ['Hardmax', [[2, 3]], { dtype: 'float32' }],
  ['EyeLike', [[3, 4]]],
];

/** Their outputs are indices, booleans or integers: no cotangent arrives. */
export const unreached: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ...['ArgMax', 'ArgMin', 'IsNaN', 'IsInf', 'And', 'Or', 'Xor', 'Not', 'BitShift'],
    ...['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'],
    ...['BitwiseAnd', 'BitwiseOr', 'BitwiseXor', 'BitwiseNot'],
  ].map((op) => [op, 'its outputs are no floating-point numbers']),
);

/** Two runs do not give the same numbers. */
export const random: Readonly<Record<string, string>> = Object.fromEntries(
  ['RandomNormalLike', 'RandomUniformLike'].map((op) => [op, 'of its input only the shape counts']),
);
