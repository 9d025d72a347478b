/** Fused ops of ONNX Runtime's own domain, com.microsoft. */
import { intAttr } from '../ir/node.js';
import type { Value } from '../ir/types.js';
import { Conv } from './conv.js';
import { expandAttention, expandMultiHeadAttention } from './expand-attention.js';
import {
  expandEmbedLayerNormalization,
  expandFastGelu,
  expandFusedConv,
  expandFusedGemm,
  expandFusedMatMul,
  expandGelu,
  expandGemmFastGelu,
  expandQuickGelu,
  expandSimplifiedLayerNormalization,
  expandSkipLayerNormalization,
  expandSkipSimplifiedLayerNormalization,
} from './expand-fused.js';
import { expandGroupQueryAttention } from './expand-grouped-attention.js';
import { expandMatMulNBits } from './expand-packed.js';
import { expandRotaryEmbedding } from './expand-rotary.js';
import { Gemm, product, rightOf } from './matmul.js';
import type { OpDef } from './op.js';
import { MatMulNBits as packed } from './refused.js';

/** A product with transposes and a scale. */
export const FusedMatMul: OpDef = {
  weights: (node, context) =>
    intAttr(node, 'transBatchA', 0) || intAttr(node, 'transBatchB', 0)
      ? 'it moves a batch axis into the product (transBatchA or transBatchB)'
      : product(node, context, intAttr(node, 'transA', 0) !== 0, intAttr(node, 'transB', 0) !== 0),
  expand: expandFusedMatMul,
};

/** FusedMatMul before it had that name. */
export const TransposeMatMul: OpDef = FusedMatMul;

/** Gemm with an activation. */
export const FusedGemm: OpDef = { ...weightsOf(Gemm), expand: expandFusedGemm };

/** A product with bias and FastGelu. */
export const GemmFastGelu: OpDef = {
  weights: (node, context) => product(node, context, false, false),
  expand: expandGemmFastGelu,
};

/** Conv with an activation. */
export const FusedConv: OpDef = { ...weightsOf(Conv), expand: expandFusedConv };

/** Attention that makes query, key and value from one weight [inputs, queries + keys + values]. */
export const Attention: OpDef = {
  weights: (node, context) =>
    context.isConstant(node.inputs[1] as Value) ? [rightOf(node.inputs[0] as Value, 1, context)] : [],
  expand: expandAttention,
};

/** Attention over a batch without its padding. */
export const PackedAttention: OpDef = weightsOf(Attention);

/**
 * Local and global weights, both [inputs, queries + keys + values]. The global ones are observed over all positions,
 * though queries are made only where attention is global.
 */
export const LongformerAttention: OpDef = {
  weights: (node, context) =>
    [1, 4]
      .filter((input) => context.isConstant(node.inputs[input] as Value))
      .map((input) => rightOf(node.inputs[0] as Value, input, context)),
};

export const MultiHeadAttention: OpDef = { expand: expandMultiHeadAttention };
export const GroupQueryAttention: OpDef = { expand: expandGroupQueryAttention };
export const RotaryEmbedding: OpDef = { expand: expandRotaryEmbedding };

export const Gelu: OpDef = { expand: expandGelu };
export const BiasGelu: OpDef = { expand: expandGelu };
export const FastGelu: OpDef = { expand: expandFastGelu };
export const QuickGelu: OpDef = { expand: expandQuickGelu };

/** Of the default domain too: the runtime knows it there. */
export const SimplifiedLayerNormalization: OpDef = { expand: expandSimplifiedLayerNormalization };
export const SkipLayerNormalization: OpDef = { expand: expandSkipLayerNormalization };
export const SkipSimplifiedLayerNormalization: OpDef = { expand: expandSkipSimplifiedLayerNormalization };
export const EmbedLayerNormalization: OpDef = { expand: expandEmbedLayerNormalization };

/** Its weight cannot be pruned, but gradients pass. */
export const MatMulNBits: OpDef = { ...packed, expand: expandMatMulNBits };

/** What is known of weights only: the plain op's gradient rule is not the fused one's. */
function weightsOf({ weights }: OpDef): OpDef {
  return weights ? { weights } : {};
}
