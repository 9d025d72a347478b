/** Fused ops on small inputs: shapes of what is differentiated, tensors of what is fixed. */
import type { AttrInput } from '../../../src/ir/node.js';
import type { Dimension } from '../../../src/ir/types.js';
import { random } from '../../../src/tensor/random.js';
import { float32, int64, type Tensor, tensor } from '../../../src/tensor/tensor.js';
import type { WholeOptions } from './whole.js';

export const microsoft = 'com.microsoft';
const text = (value: string): AttrInput => value;
const float = (value: number): AttrInput => ({ kind: 'float', value });
const floats = (...value: number[]): AttrInput => ({ kind: 'floats', value });
const int32 = (shape: readonly number[], ...values: number[]): Tensor =>
  tensor('int32', shape, Int32Array.from(values));

export type Argument = readonly Dimension[] | Tensor | null;

export interface Row extends WholeOptions {
  readonly attrs?: Readonly<Record<string, AttrInput>>;
  /** Outputs that are compared; null for one that the node is not asked for. Default one. */
  readonly outputs?: readonly (true | null)[];
  readonly domain?: string;
  /** Not with symbolic sizes: it depends on them. */
  readonly isFixed?: boolean;
}

export const heads = { num_heads: 2 };
const grouped = { num_heads: 4, kv_num_heads: 2 };
const lengths = [int32([2], 4, 4), int32([], 5)] as const;
const caches = [float32([6, 2], waves(12, Math.cos)), float32([6, 2], waves(12, Math.sin))] as const;
const wideCaches = [float32([6, 8], waves(48, Math.cos)), float32([6, 8], waves(48, Math.sin))] as const;
const rowMask = int32([2, 5], 1, 1, 1, 0, 0, 1, 1, 1, 1, 1);
const packed = (shape: readonly number[], seed: number): Tensor => {
  const draw = random(seed, 'packed');
  const count = shape.reduce((a, b) => a * b, 1);
  return tensor(
    'uint8',
    shape,
    Uint8Array.from({ length: count }, (_, i) => Math.floor(256 * draw.uniform(i))),
  );
};

function waves(count: number, wave: (x: number) => number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => wave(0.3 * (i + 1)));
}

export const rows: readonly (readonly [string, readonly Argument[], Row?])[] = [
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
  ['SkipLayerNormalization', [[2, 3, 4], [2, 3, 4], [4], [4], [4]], { outputs: [true, null, null, true] }],
  ['SkipLayerNormalization', [[2, 3, 4], [2, 3, 4], [4]]],
  ['SkipSimplifiedLayerNormalization', [[2, 3, 4], [2, 3, 4], [4]], { outputs: [true, null, null, true] }],
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
  ['RotaryEmbedding', [[2, 3, 12], int64([1], [1]), ...caches], { attrs: { num_heads: 2, rotary_embedding_dim: 4 } }],
  ['Attention', [[2, 5, 4], [4, 12], [12]], { attrs: heads }],
  ['Attention', [[2, 5, 4], [4, 12], [12], rowMask], { attrs: heads }],
  ['Attention', [[2, 5, 4], [4, 12], [12], int32([2], 3, 5)], { attrs: heads, isFixed: true }],
  [
    'Attention',
    [[2, 5, 4], [4, 12], [12]],
    { attrs: { ...heads, unidirectional: 1, scale: float(0.4) }, outputs: [true, true] },
  ],
  [
    'Attention',
    [[2, 5, 4], [4, 14], [14], null, null, [1, 2, 5, 5]],
    { attrs: { ...heads, qkv_hidden_sizes: [4, 4, 6] } },
  ],
  [
    'MultiHeadAttention',
    [
      [2, 5, 4],
      [2, 3, 4],
      [2, 3, 6],
    ],
    { attrs: heads },
  ],
  ['MultiHeadAttention', [[2, 5, 4], [2, 5, 4], [2, 5, 4], [12], rowMask], { attrs: { ...heads, unidirectional: 1 } }],
  [
    'MultiHeadAttention',
    [
      [2, 5, 4],
      [2, 2, 3, 2],
      [2, 2, 3, 2],
    ],
    { attrs: heads },
  ],
  [
    'MultiHeadAttention',
    [[2, 3, 4], [2, 3, 4], [2, 3, 4], null, null, [1, 2, 3, 3]],
    { attrs: heads, outputs: [true, true, true] },
  ],
  [
    'GroupQueryAttention',
    [[2, 5, 64], [2, 5, 32], [2, 5, 32], null, null, ...lengths],
    { attrs: grouped, outputs: [true, true, true] },
  ],
  [
    'GroupQueryAttention',
    [[2, 5, 128], null, null, null, null, ...lengths],
    { attrs: grouped, outputs: [true, true, true] },
  ],
  [
    'GroupQueryAttention',
    [[2, 5, 64], [2, 5, 32], [2, 5, 32], null, null, ...lengths, ...wideCaches],
    { attrs: { ...grouped, do_rotary: 1 }, outputs: [true, true, true] },
  ],
  [
    'GroupQueryAttention',
    [[2, 5, 64], [2, 5, 64], [2, 5, 64], null, null, ...lengths, ...wideCaches],
    {
      attrs: { num_heads: 4, kv_num_heads: 4, do_rotary: 1, rotary_interleaved: 1, softcap: float(2) },
      outputs: [true, true, true],
    },
  ],
  [
    'GroupQueryAttention',
    [[2, 5, 64], [2, 5, 32], [2, 5, 32], null, null, ...lengths],
    { attrs: { ...grouped, local_window_size: 2 }, outputs: [true, true, true] },
  ],
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
];

function tokens(highest = 4): Tensor {
  return int32([2, 3], ...[0, 3, 1, 2, 2, 4].map((id) => Math.min(id, highest)));
}
