import type { AttrInput } from '../../../src/ir/node.js';
import type { Case, CaseOptions } from './case.js';

const float = (value: number): AttrInput => ({ kind: 'float', value });

const single: CaseOptions = { dtype: 'float32', tolerance: 2e-3 };

const layer = (attrs: CaseOptions['attrs'], more: CaseOptions = {}): CaseOptions => ({ ...more, attrs: attrs ?? {} });

export const normalisation: readonly Case[] = [
  ['LayerNormalization', [[2, 3, 4], [4], [4]]],
  ['LayerNormalization', [[2, 3, 4], [4]], layer({ epsilon: float(0.1) })],
  [
    'LayerNormalization',
    [
      [2, 3, 4],
      [3, 4],
      [3, 4],
    ],
    layer({ axis: 1 }),
  ],
  [
    'LayerNormalization',
    [
      [2, 3, 4],
      [2, 3, 4],
      [2, 3, 4],
    ],
    layer({ axis: 0 }),
  ],
  [
    'LayerNormalization',
    [
      [2, 3, 4],
      [3, 4],
      [3, 4],
    ],
    layer({ axis: -2 }, { outputs: 3, ...single }),
  ],
  ['LayerNormalization', [[2, 3, 4], [4], [4]], single],
  ['LayerNormalization', [[2, 3, 4], [4]], layer({ epsilon: float(0.1) }, { outputs: 3, unused: [0], ...single })],
  ['BatchNormalization', [[3, 2, 4, 2], [2], [2], [2], [2]], { low: 0.5, high: 2 }],
  ['BatchNormalization', [[3, 2], [2], [2], [2], [2]], { low: 0.5, high: 2, attrs: { epsilon: float(0.1) } }],
  ['BatchNormalization', [[3, 2, 5], [2], [2], [2], [2]], { low: 0.5, high: 2, ...single }],
  [
    'BatchNormalization',
    [[3, 2, 4, 2], [2], [2], [2], [2]],
    { low: 0.5, high: 2, attrs: { training_mode: 1 }, outputs: 3, unused: [1, 2] },
  ],
  ['BatchNormalization', [[4, 2], [2], [2], [2], [2]], { attrs: { training_mode: 1 }, outputs: 3, unused: [1, 2] }],
  ['InstanceNormalization', [[2, 3, 4, 2], [3], [3]], single],
  ['InstanceNormalization', [[2, 3, 5], [3], [3]], { ...single, attrs: { epsilon: float(0.1) } }],
  // the kernel works in single precision whatever the type
  ['GroupNormalization', [[2, 4, 3, 2], [4], [4]], { ...single, attrs: { num_groups: 2 } }],
  ['GroupNormalization', [[2, 4, 5], [4], [4]], { ...single, attrs: { num_groups: 4 } }],
  ['LpNormalization', [[2, 3, 4]]],
  ['LpNormalization', [[2, 3, 4]], { attrs: { axis: 1 } }],
  ['LpNormalization', [[2, 3, 4]], { attrs: { axis: 0, p: 1 } }],
  ['LpNormalization', [[2, 3]], { ...single, attrs: { p: 1 } }],
];
