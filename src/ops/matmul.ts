/** Matrix products: a constant on either side is the weight, the other side is its data. */
import { intAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import type { Builder } from './builder.js';
import { gemm, matMul } from './flow-products.js';
import type { MatrixLayout } from './layout.js';
import { gemmVjp, matmulVjp } from './matmul-gradient.js';
import type { OpDef, WeightContext, WeightSlot } from './op.js';

export const MatMul: OpDef = {
  flow: matMul,
  weights: (node, context) => product(node, context, false, false),
  vjp: matmulVjp,
};

export const Gemm: OpDef = {
  flow: gemm,
  weights: (node, context) =>
    product(node, context, intAttr(node, 'transA', 0) !== 0, intAttr(node, 'transB', 0) !== 0),
  vjp: gemmVjp,
};

/** The slot of A' B' whose constant side is the weight; of two constants the right one. */
export function product(node: Node, context: WeightContext, transA: boolean, transB: boolean): WeightSlot[] {
  const [a, b] = node.inputs as [Value, Value];
  if (context.isConstant(b)) return [rightOf(a, 1, context, transA, transB)];
  if (context.isConstant(a)) return [leftOf(b, context, transA, transB)];
  return [];
}

/** Input `input` as the weight of `data @ weight`. */
export function rightOf(
  data: Value,
  input: number,
  context: WeightContext,
  transData = false,
  transWeight = false,
): WeightSlot {
  return slot(input, data, context, transData, transWeight);
}

const leftOf = (data: Value, context: WeightContext, transA: boolean, transB: boolean): WeightSlot =>
  slot(0, data, context, !transB, !transA);

/** @param isTurned whether samples lie along the last axis of the data; @param isRowMajor whether the rows of the weight are outputs. */
function slot(input: number, data: Value, context: WeightContext, isTurned: boolean, isRowMajor: boolean): WeightSlot {
  const rank = context.rank(data);
  const isAcross = isTurned && rank !== 1;
  return {
    input,
    data,
    key: () => `${isAcross ? 'columns' : 'rows'} of ${data.name}`,
    matrix: (shape) => matrixOf(shape, isRowMajor),
    columns: (g, shape) => {
      const width = shape.at(isRowMajor ? -1 : -2)!;
      return g.reshape(isAcross ? turned(g, data, width, rank) : data, [1, -1, width]);
    },
  };
}

function matrixOf(shape: readonly number[], isRowMajor: boolean): MatrixLayout | string {
  if (shape.length < 2) return `its weight of shape [${shape}] is a vector, not a matrix`;
  if (shape.slice(0, -2).some((size) => size !== 1)) {
    return `its weight of shape [${shape}] is a batch of matrices, one for each entry of the data's batch`;
  }
  const [first, last] = shape.slice(-2) as [number, number];
  return {
    view: [first, last],
    perm: isRowMajor ? [0, 1] : [1, 0],
    stacks: 1,
    rows: isRowMajor ? first : last,
    columns: isRowMajor ? last : first,
  };
}

/** `x` of shape [..., width, n] with the last two axes exchanged; other axes may be flattened. */
function turned(g: Builder, x: Value, width: number, rank: number | undefined): Value {
  if (rank === 2) return g.transpose(x, [1, 0]);
  const last = g.op('Gather', [g.op('Shape', [x]), g.ints([-1])], { axis: 0 });
  const stacked = g.op('Reshape', [x, g.concat([g.ints([-1, width]), last], 0)]);
  return g.transpose(stacked, [0, 2, 1]);
}
