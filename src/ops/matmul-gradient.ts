/** Gradient rules of matrix products; every gradient is a product again. */
import { floatAttr, intAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import type { OpDef } from './op.js';
import type { Tape } from './tape.js';

type Vjp = NonNullable<OpDef['vjp']>;

export const matmulVjp: Vjp = (g, [cotangent], node) => {
  const [a, b] = node.inputs as [Value, Value];
  const dy = cotangent as Value;
  if (g.rank(a) === 1 && g.rank(b) === 1) return [g.mul(dy, b), g.mul(dy, a)];
  if (g.rank(b) === 1) return timesVector(g, dy, a, b);
  if (g.rank(b) === 2) return timesMatrix(g, dy, a, b);
  return batched(g, dy, a, b, node.outputs[0] as Value);
};

/** y[..., m] = a[..., m, k] b[k]. */
function timesVector(g: Tape, dy: Value, a: Value, b: Value): [Value, Value] {
  const da = g.mul(g.unsqueeze(dy, [-1]), b);
  const row = g.reshape(dy, [1, -1]);
  return [da, g.squeeze(g.matmul(row, rows(g, a)), [0])];
}

/** y[..., n] = a[..., k] b[k, n]: the batch is flattened, so that the gradient of b is one product. */
function timesMatrix(g: Tape, dy: Value, a: Value, b: Value): [Value, Value] {
  if (g.rank(a) === 1) return [g.op('MatMul', [b, dy]), g.mul(g.unsqueeze(a, [1]), dy)];
  const da = g.rank(a) === 2 ? g.op('Gemm', [dy, b], { transB: 1 }) : g.matmul(dy, g.transpose(b, [1, 0]));
  const flat = g.rank(a) === 2 ? dy : rows(g, dy, g.rank(a));
  return [da, g.op('Gemm', [rows(g, a), flat], { transA: 1 })];
}

/** Batches on both sides, or a vector on the left. */
function batched(g: Tape, dy: Value, a: Value, b: Value, y: Value): [Value, Value] {
  const isVector = g.rank(a) === 1;
  const left = isVector ? g.unsqueeze(a, [0]) : a;
  const dz = isVector ? g.unsqueeze(dy, [-2]) : dy;
  const batch = g.dims(y).slice(0, isVector ? -1 : -2);
  const da = g.matmul(dz, swapped(g, b, g.rank(b)));
  const db = g.matmul(swapped(g, left, isVector ? 2 : g.rank(a)), dz);
  if (isVector) {
    const axes = Array.from({ length: g.rank(b) - 1 }, (_, i) => i);
    return [g.reduceSum(da, axes), db];
  }
  const over = (x: Value): Value => ({
    name: x.name,
    type: { ...g.type(x), shape: [...batch, ...g.dims(x).slice(-2)] },
  });
  return [g.unbroadcast(da, over(a), a), g.unbroadcast(db, over(b), b)];
}

/** [..., k] as [-1, k], whatever the sizes. */
const rows = (g: Tape, x: Value, rank = g.rank(x)): Value =>
  rank === 2 ? x : g.op('Flatten', [x], { axis: rank - 1 });

function swapped(g: Tape, x: Value, rank: number): Value {
  const axes = Array.from({ length: rank }, (_, i) => i);
  return g.transpose(x, [...axes.slice(0, -2), rank - 1, rank - 2]);
}

/** y = alpha A' B' + beta C, where A' and B' are A and B or their transposes. */
export const gemmVjp: Vjp = (g, [cotangent], node, isWanted) => {
  const [a, b, c] = node.inputs as [Value, Value, Value | null | undefined];
  const dy = cotangent as Value;
  const transA = intAttr(node, 'transA', 0) !== 0 ? 1 : 0;
  const transB = intAttr(node, 'transB', 0) !== 0 ? 1 : 0;
  const alpha = { kind: 'float' as const, value: floatAttr(node, 'alpha', 1) };
  const product = (left: Value, right: Value, transLeft: number, transRight: number): Value =>
    g.op('Gemm', [left, right], { alpha, transA: transLeft, transB: transRight });
  return [
    isWanted(a) ? (transA ? product(b, dy, transB, 1) : product(dy, b, 0, 1 - transB)) : null,
    isWanted(b) ? (transB ? product(dy, a, 1, transA) : product(a, dy, 1 - transA, 0)) : null,
    c && isWanted(c) ? toAddend(g, dy, c, node) : null,
  ];
};

function toAddend(g: Tape, dy: Value, c: Value, node: Node): Value {
  const beta = floatAttr(node, 'beta', 1);
  const summed = g.unbroadcast(dy, node.outputs[0] as Value, c);
  return beta === 1 ? summed : g.mul(summed, g.num(c, beta));
}
