/** Ops that hold weights which scalpel cannot work on, each with the reason. */
import { type OpDef, refused } from './op.js';

const refuse = (inputs: readonly number[], reason: string): OpDef => ({
  weights: (node, context) => refused(node, inputs, context, reason),
});

const integer = 'its weight is kept in integers without a DequantizeLinear; export the model in QDQ form';
const packed = 'its weight is packed in blocks that cannot hold a mask; prune the model before quantising it';

export const MatMulInteger = refuse([0, 1], integer);
export const ConvInteger = refuse([1], integer);
export const QLinearMatMul = refuse([0, 3], integer);
export const QLinearConv = refuse([3], integer);
export const QGemm = refuse([3], integer);
export const QAttention = refuse([1], integer);
export const MatMulIntegerToFloat = refuse([0, 1], integer);
export const DynamicQuantizeMatMul = refuse([1], integer);
export const DynamicQuantizeLSTM = refuse([1, 2], integer);

export const MatMulNBits = refuse([1], packed);
export const MatMulBnb4 = refuse([1], packed);
export const MatMulFpQ4 = refuse([1], packed);
export const GatherBlockQuantized = refuse([0], packed);
export const QMoE = refuse([2, 5, 8], packed);
export const MoE = refuse([2, 4, 6], 'its experts see different rows of the data, chosen at run time');

export const DecoderAttention = refuse([2, 3], 'what its weights see depends on flags given at run time');
