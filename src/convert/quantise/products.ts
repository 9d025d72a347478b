/** MatMul and Gemm, as far as other kernels compute the same. */
import { floatAttr, intAttr, isDefaultDomain } from '../../ir/node.js';
import type { Node } from '../../ir/types.js';

export const isMatMulOrGemm = ({ op, domain }: Node): boolean =>
  (op === 'MatMul' || op === 'Gemm') && isDefaultDomain(domain);

/** x W + c and nothing else; W may lie transposed. */
export const isPlainProduct = (node: Node): boolean =>
  isMatMulOrGemm(node) &&
  intAttr(node, 'transA', 0) === 0 &&
  floatAttr(node, 'alpha', 1) === 1 &&
  (floatAttr(node, 'beta', 1) === 1 || !node.inputs[2]);

/** With a weight that lies as [inputs, outputs], whatever it did before. */
export function untransposed(node: Node): Node {
  if (!node.attrs.transB) return node;
  const { transB: _, ...attrs } = node.attrs;
  return { ...node, attrs };
}
