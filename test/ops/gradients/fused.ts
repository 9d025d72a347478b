/** Fused ops on small inputs: shapes of what is differentiated, tensors of what is fixed. */
import { int64, type Tensor } from '../../../src/tensor/tensor.js';
import { cachesOf, float, floats, int32, packed, type Row, text } from './fused-arguments.js';
import { attentionRows } from './fused-attention.js';

const caches = cachesOf(6, 2);

export const rows: readonly Row[] = [
  ['Gelu', [[2, 3]]],
  ['BiasGelu', [[2, 3], [3]]],
  ['FastGelu', [[2, 3]]],
  ['FastGelu', [[2, 3], [3]]],
  ['QuickGelu', [[2, 3]]],
  ['QuickGelu', [[2, 3]], { attrs: { alpha: float(1.3) } }],
  [
    'TransposeMatMul',
    [
      [2, 4, 3],
      [2, 4, 5],
    ],
    { attrs: { transA: 1 } },
  ],
  [
    'FusedMatMul',
    [
      [2, 3, 4],
      [2, 4, 5],
    ],
    { attrs: { alpha: float(0.5) } },
  ],
  [
    'FusedMatMul',
    [
      [2, 4, 3],
      [2, 5, 4],
    ],
    { attrs: { transA: 1, transB: 1 } },
  ],
  [
    'FusedMatMul',
    [
      [2, 3, 4],
      [5, 4],
    ],
    { attrs: { transB: 1 } },
  ],
  [
    'FusedMatMul',
    [
      [3, 2, 4],
      [2, 4, 5],
    ],
    { attrs: { transBatchA: 1 } },
  ],
  [
    'FusedMatMul',
    [
      [2, 3, 4],
      [4, 2, 5],
    ],
    { attrs: { transBatchB: 1 } },
  ],
  [
    'FusedMatMul',
    [
      [4, 2, 3],
      [2, 4, 5],
    ],
    { attrs: { transBatchA: 1, transA: 1 } },
  ],
  ['FusedGemm', [[2, 3], [3, 4], [4]], { attrs: { activation: text('Relu'), alpha: float(0.7) } }],
  [
    'FusedGemm',
    [[2, 3], [3, 4], [4]],
    { attrs: { activation: text('Selu'), activation_alpha: float(0.7), activation_gamma: float(1.2) } },
  ],
  [
    'FusedGemm',
    [
      [2, 3],
      [3, 4],
    ],
    { attrs: { activation: text('Celu'), activation_alpha: float(0.7) } },
  ],
  [
    'FusedGemm',
    [[2, 3], [4, 3], [4]],
    { attrs: { activation: text('LeakyRelu'), activation_alpha: float(0.2), transB: 1 } },
  ],
  [
    'FusedConv',
    [[1, 2, 5, 5], [3, 2, 3, 3], [3]],
    { attrs: { activation: text('Relu'), pads: [1, 1, 1, 1] }, low: 0.1 },
  ],
  ['FusedConv', [[1, 2, 5, 5], [3, 2, 3, 3], [3], [1, 3, 3, 3]], { attrs: { activation: text('Relu') }, low: 0.1 }],
  [
    'FusedConv',
    [
      [1, 2, 5, 5],
      [3, 2, 3, 3],
    ],
    { attrs: { activation: text('HardSigmoid'), activation_params: floats(0.1, 0.4) } },
  ],
  [
    'FusedConv',
    [
      [1, 2, 5, 5],
      [3, 2, 3, 3],
    ],
    { attrs: { activation: text('Clip'), activation_params: floats(-0.5, 1) } },
  ],
  [
    'FusedConv',
    [
      [1, 2, 5, 5],
      [3, 2, 3, 3],
    ],
    { attrs: { activation: text('HardSwish') }, low: -0.4, high: 0.4 },
  ],
  ['SkipLayerNormalization', [[2, 3, 4], [3, 4], [4], [4], [4]], { outputs: [true, true, true, true], isFixed: true }],
  ['SkipLayerNormalization', [[2, 3, 4], [2, 3, 4], [4], [4], [4]], { outputs: [true, null, null, true] }],
  ['SkipLayerNormalization', [[2, 3, 4], [2, 3, 4], [4]]],
  ['SkipSimplifiedLayerNormalization', [[2, 3, 4], [2, 3, 4], [4]], { outputs: [true, true, true, true] }],
  ['SkipSimplifiedLayerNormalization', [[2, 3, 4], [2, 3, 4], [4], [4]]],
  ['MeanVarianceNormalization', [[2, 3, 2, 4]], { domain: '' }],
  ['MeanVarianceNormalization', [[2, 3, 4]], { domain: '', attrs: { axes: [-1] } }],
  ['SimplifiedLayerNormalization', [[2, 3, 4], [4]], { domain: '', attrs: { epsilon: float(1e-3) } }],
  [
    'EmbedLayerNormalization',
    [tokens(), tokens(1), [5, 4], [6, 4], [2, 4], [4], [4], int32([2, 3], 1, 1, 0, 1, 1, 1)],
    { outputs: [true, null, true] },
  ],
  ['EmbedLayerNormalization', [tokens(), null, [5, 4], [6, 4], null, [4], [4]], { outputs: [true, null] }],
  ['RotaryEmbedding', [[2, 3, 8], int64([2, 3], [0, 1, 2, 2, 4, 5]), ...caches]],
  ['RotaryEmbedding', [[2, 3, 8], int64([1], [2]), ...caches], { attrs: { interleaved: 1 } }],
  ['RotaryEmbedding', [[2, 2, 3, 4], int64([1], [1]), ...caches]],
  ['RotaryEmbedding', [[2, 3, 8], int64([1], [1]), ...caches], { attrs: { scale: float(2), is_packed_batching: 1 } }],
  ['RotaryEmbedding', [[2, 3, 12], int64([1], [1]), ...caches], { attrs: { num_heads: 2, rotary_embedding_dim: 4 } }],
  ['MatMulNBits', [[2, 32], packed([3, 2, 8], 1), [6]], { attrs: { K: 32, N: 3, bits: 4, block_size: 16 } }],
  [
    'MatMulNBits',
    [[2, 40], packed([3, 3, 8], 2), [9], packed([6], 3)],
    { attrs: { K: 40, N: 3, bits: 4, block_size: 16 } },
  ],
  [
    'MatMulNBits',
    [[2, 32], packed([3, 2, 16], 4), [6], null, null, [3]],
    { attrs: { K: 32, N: 3, bits: 8, block_size: 16 } },
  ],
  [
    'MatMulNBits',
    [[2, 32], packed([3, 2, 8], 1), [6], null, int32([32], ...Array.from({ length: 32 }, (_, i) => (7 * i) % 2))],
    { attrs: { K: 32, N: 3, bits: 4, block_size: 16 } },
  ],
  ['MatMulNBits', [[2, 32], packed([3, 2, 8], 1), [6], [6]], { attrs: { K: 32, N: 3, bits: 4, block_size: 16 } }],
  ['MatMulNBits', [[2, 40], packed([3, 3, 4], 5), [9]], { attrs: { K: 40, N: 3, bits: 2, block_size: 16 } }],
  [
    'MatMulNBits',
    [[2, 80], packed([3, 5, 4], 5), [15], packed([6], 6)],
    { attrs: { K: 80, N: 3, bits: 2, block_size: 16 } },
  ],
  ...attentionRows,
];

function tokens(highest = 4): Tensor {
  return int32([2, 3], ...[0, 3, 1, 2, 2, 4].map((id) => Math.min(id, highest)));
}
