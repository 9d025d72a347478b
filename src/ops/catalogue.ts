/** All ops that scalpel knows facts about; the default domain under the plain name, others as `domain.name`. */
import { isDefaultDomain } from '../ir/node.js';
import type { Node } from '../ir/types.js';
import * as activations from './activations.js';
import * as arithmetic from './arithmetic.js';
import * as control from './control.js';
import { Conv, ConvTranspose } from './conv.js';
import { DeformConv } from './deform-conv.js';
import * as determinant from './determinant.js';
import { Einsum } from './einsum.js';
import * as flat from './flat.js';
import { DFT, STFT } from './fourier.js';
import * as fused from './fused.js';
import * as indexing from './indexing.js';
import * as losses from './losses.js';
import { Gemm, MatMul } from './matmul.js';
import * as normalisation from './normalisation.js';
import type { OpDef } from './op.js';
import * as pad from './pad.js';
import * as passing from './passing.js';
import * as pooling from './pooling.js';
import * as quantization from './quantization.js';
import { GRU, LSTM, RNN } from './recurrent.js';
import * as reductions from './reductions.js';
import * as refused from './refused.js';
import * as sampling from './sampling.js';
import * as scatter from './scatter.js';
import * as selection from './selection.js';
import * as shape from './shape.js';
import * as slice from './slice.js';
import * as softmax from './softmax.js';
import * as trigonometry from './trigonometry.js';

export const ops: Readonly<Record<string, OpDef>> = {
  ...arithmetic,
  ...trigonometry,
  ...softmax,
  ...selection,
  ...passing,
  ...losses,
  ...flat,
  ...activations,
  ...determinant,
  ...control,
  ...normalisation,
  ...quantization,
  ...pooling,
  ...reductions,
  ...indexing,
  ...pad,
  ...sampling,
  ...scatter,
  ...shape,
  ...slice,
  MatMul,
  Gemm,
  Conv,
  ConvTranspose,
  LSTM,
  GRU,
  RNN,
  MatMulInteger: refused.MatMulInteger,
  ConvInteger: refused.ConvInteger,
  QLinearMatMul: refused.QLinearMatMul,
  QLinearConv: refused.QLinearConv,
  Einsum,
  DFT,
  STFT,
  DeformConv,
  'com.microsoft.MultiHeadAttention': fused.MultiHeadAttention,
  'com.microsoft.GroupQueryAttention': fused.GroupQueryAttention,
  'com.microsoft.RotaryEmbedding': fused.RotaryEmbedding,
  'com.microsoft.Gelu': fused.Gelu,
  'com.microsoft.BiasGelu': fused.BiasGelu,
  'com.microsoft.FastGelu': fused.FastGelu,
  'com.microsoft.QuickGelu': fused.QuickGelu,
  'com.microsoft.SkipLayerNormalization': fused.SkipLayerNormalization,
  'com.microsoft.SkipSimplifiedLayerNormalization': fused.SkipSimplifiedLayerNormalization,
  'com.microsoft.EmbedLayerNormalization': fused.EmbedLayerNormalization,
  SimplifiedLayerNormalization: fused.SimplifiedLayerNormalization,
  'com.microsoft.FusedMatMul': fused.FusedMatMul,
  'com.microsoft.TransposeMatMul': fused.TransposeMatMul,
  'com.microsoft.FusedGemm': fused.FusedGemm,
  'com.microsoft.GemmFastGelu': fused.GemmFastGelu,
  'com.microsoft.FusedConv': fused.FusedConv,
  'com.microsoft.Attention': fused.Attention,
  'com.microsoft.PackedAttention': fused.PackedAttention,
  'com.microsoft.LongformerAttention': fused.LongformerAttention,
  'com.microsoft.DecoderAttention': refused.DecoderAttention,
  'com.microsoft.QGemm': refused.QGemm,
  'com.microsoft.QAttention': refused.QAttention,
  'com.microsoft.MatMulIntegerToFloat': refused.MatMulIntegerToFloat,
  'com.microsoft.DynamicQuantizeMatMul': refused.DynamicQuantizeMatMul,
  'com.microsoft.DynamicQuantizeLSTM': refused.DynamicQuantizeLSTM,
  'com.microsoft.MatMulNBits': fused.MatMulNBits,
  'com.microsoft.MatMulBnb4': refused.MatMulBnb4,
  'com.microsoft.MatMulFpQ4': refused.MatMulFpQ4,
  'com.microsoft.GatherBlockQuantized': refused.GatherBlockQuantized,
  'com.microsoft.MoE': refused.MoE,
  'com.microsoft.QMoE': refused.QMoE,
};

/** What is known about a node's op. */
export function opOf(node: Node): OpDef | undefined {
  const name = isDefaultDomain(node.domain) ? node.op : `${node.domain}.${node.op}`;
  return Object.hasOwn(ops, name) ? ops[name] : undefined;
}
