import type { Case, CaseOptions } from './case.js';

const float = (value: number) => ({ kind: 'float' as const, value });

const matmul = (a: readonly number[], b: readonly number[]): Case => ['MatMul', [a, b]];

const einsum = (equation: string, ...shapes: readonly (readonly number[])[]): Case => [
  'Einsum',
  shapes,
  { attrs: { equation } },
];

const gemm = (shapes: readonly (readonly number[])[], attrs: NonNullable<CaseOptions['attrs']>): Case => [
  'Gemm',
  shapes,
  { attrs },
];

export const products: readonly Case[] = [
  matmul([3, 4], [4, 2]),
  matmul([4], [4]),
  matmul([4], [4, 2]),
  matmul([3, 4], [4]),
  matmul([2, 3, 4], [4]),
  matmul([4], [2, 4, 3]),
  matmul([4], [2, 3, 4, 2]),
  matmul([2, 3, 4], [4, 5]),
  matmul([2, 3, 2, 4], [4, 2]),
  matmul([3, 4], [2, 4, 2]),
  matmul([2, 3, 4], [2, 4, 2]),
  matmul([1, 3, 4], [2, 4, 2]),
  matmul([2, 1, 3, 4], [5, 4, 2]),
  matmul([5, 3, 4], [2, 1, 4, 2]),
  gemm(
    [
      [3, 4],
      [4, 2],
    ],
    {},
  ),
  gemm([[3, 4], [4, 2], [2]], {}),
  gemm([[3, 4], [4, 2], []], { alpha: float(0.5), beta: float(-2) }),
  gemm(
    [
      [4, 3],
      [4, 2],
      [3, 1],
    ],
    { transA: 1, alpha: float(1.5) },
  ),
  gemm(
    [
      [3, 4],
      [2, 4],
      [1, 2],
    ],
    { transB: 1, beta: float(0.5) },
  ),
  gemm(
    [
      [4, 3],
      [2, 4],
      [3, 2],
    ],
    { transA: 1, transB: 1, alpha: float(-1) },
  ),
  einsum('ij,jk->ik', [2, 3], [3, 4]),
  einsum('ij,jk', [2, 3], [3, 4]),
  einsum('bij, bkj -> bik', [2, 3, 4], [2, 5, 4]),
  einsum('i,j->ij', [2], [3]),
  einsum('i,i->', [3], [3]),
  einsum('ij->ji', [2, 3]),
  einsum('ij->i', [2, 3]),
  einsum('ij->', [2, 3]),
  einsum('ii->i', [3, 3]),
  einsum('ii->', [3, 3]),
  einsum('ii', [3, 3]),
  einsum('iij->j', [3, 3, 2]),
  einsum('iji->ij', [3, 2, 3]),
  einsum('ij,jk,kl->il', [2, 3], [3, 4], [4, 2]),
  einsum('ij,kl->i', [2, 3], [4, 2]),
  einsum('...ij,...jk->...ik', [2, 3, 4], [2, 4, 2]),
  einsum('...ij,...jk->...ik', [1, 2, 3, 4], [5, 1, 4, 2]),
  einsum('...ij,jk->...ik', [2, 1, 3, 4], [4, 2]),
  einsum('...i,i->...', [2, 3, 4], [4]),
  einsum('...i,...i', [2, 3, 4], [2, 1, 4]),
  einsum('...->...', [2, 3]),
  einsum('i...,i...->i...', [2, 3], [2, 1]),
  einsum('bhqd,bhkd->bhqk', [2, 2, 3, 4], [2, 2, 5, 4]),
  einsum('ba,cd->badc', [2, 3], [4, 2]),
];
