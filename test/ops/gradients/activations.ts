import type { Case, CaseOptions } from './case.js';
import { pairs } from './pairs.js';

const single = { dtype: 'float32' } as const;
const float = (value: number) => ({ kind: 'float', value }) as const;

/** Both sides of every kink, none of them near: the drawn numbers are checked in float32. */
const sides = (op: string, kinks: readonly number[], attrs: NonNullable<CaseOptions['attrs']> = {}): Case[] => {
  const ends = [Math.min(...kinks) - 2, ...kinks, Math.max(...kinks) + 2];
  return ends.slice(1).map((end, i) => [op, [[2, 3]], { ...single, low: ends[i]! + 0.05, high: end - 0.05, attrs }]);
};

export const activations: readonly Case[] = [
  ['Relu', [[3, 4]]],
  ...sides('Relu', [0]),
  ...sides('LeakyRelu', [0]),
  ...sides('LeakyRelu', [0], { alpha: float(-0.3) }),
  ...pairs
    .filter(
      ([x, slope]) =>
        x.length >= slope.length && slope.every((size, i) => size === 1 || size === x.at(i - slope.length)),
    )
    .flatMap((shapes): Case[] => [
      ['PRelu', shapes, { ...single, low: 0.1 }],
      ['PRelu', shapes, { ...single, high: -0.1 }],
    ]),
  ...sides('Elu', [0]),
  ...sides('Elu', [0], { alpha: float(0.4) }),
  ...sides('Selu', [0]),
  ...sides('Selu', [0], { alpha: float(0.7), gamma: float(1.3) }),
  ...sides('Celu', [0]),
  ...sides('Celu', [0], { alpha: float(0.6) }),
  ['Sigmoid', [[2, 3]]],
  ...sides('HardSigmoid', [-2.5, 2.5]),
  ...sides('HardSigmoid', [-2, 3], { alpha: float(-0.2), beta: float(0.6) }),
  ...sides('HardSwish', [-3, 3]),
  ['Softplus', [[2, 3]], single],
  ['Softsign', [[2, 3]], single],
  ['Gelu', [[2, 3]], single],
  ['Gelu', [[2, 3]], { ...single, attrs: { approximate: 'tanh' } }],
  ['Mish', [[2, 3]], single],
  ...sides('ThresholdedRelu', [1]),
  ...sides('ThresholdedRelu', [0.4], { alpha: float(0.4) }),
  ...sides('Shrink', [-0.5, 0.5]),
  ...sides('Shrink', [-0.3, 0.3], { lambd: float(0.3), bias: float(0.2) }),
  ['Softmax', [[2, 3, 4]]],
  ['Softmax', [[2, 3, 4]], { attrs: { axis: 1 } }],
  ['LogSoftmax', [[2, 3, 4]]],
  ['LogSoftmax', [[2, 3, 4]], { attrs: { axis: 0 } }],
];
