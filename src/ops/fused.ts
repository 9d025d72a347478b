/** Fused ops of ONNX Runtime's own domain, com.microsoft. */
import { intAttr } from '../ir/node.js';
import type { Value } from '../ir/types.js';
import { Conv } from './conv.js';
import { Gemm, product, rightOf } from './matmul.js';
import type { OpDef } from './op.js';

/** The weights of an op without its gradient, which the fused activation changes. */
const weightsOf = ({ weights }: OpDef): OpDef => (weights ? { weights } : {});

/** A product with transposes and a scale. */
export const FusedMatMul: OpDef = {
  weights: (node, context) =>
    intAttr(node, 'transBatchA', 0) || intAttr(node, 'transBatchB', 0)
      ? 'it moves a batch axis into the product (transBatchA or transBatchB)'
      : product(node, context, intAttr(node, 'transA', 0) !== 0, intAttr(node, 'transB', 0) !== 0),
};

/** FusedMatMul before it had that name. */
export const TransposeMatMul: OpDef = FusedMatMul;

/** Gemm with an activation. */
export const FusedGemm: OpDef = weightsOf(Gemm);

/** A product with bias and FastGelu. */
export const GemmFastGelu: OpDef = { weights: (node, context) => product(node, context, false, false) };

/** Conv with an activation. */
export const FusedConv: OpDef = weightsOf(Conv);

/** Attention that makes query, key and value from one weight [inputs, queries + keys + values]. */
export const Attention: OpDef = {
  weights: (node, context) =>
    context.isConstant(node.inputs[1] as Value) ? [rightOf(node.inputs[0] as Value, 1, context)] : [],
};

/** Attention over a batch without its padding. */
export const PackedAttention: OpDef = Attention;

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
