import { int64 } from '../../../src/tensor/tensor.js';
import type { Case } from './case.js';

const axes = (...values: number[]) => ({ fixed: { 1: int64([values.length], values) } });

export const reductions: readonly Case[] = [
  ['ReduceSum', [[2, 3, 4]]],
  ['ReduceSum', [[2, 3, 4]], { ...axes(1), attrs: { keepdims: 0 } }],
  ['ReduceSum', [[2, 3, 4]], { ...axes(0, -1) }],
  ['ReduceSum', [[2, 3, 4]], { attrs: { keepdims: 0 } }],
  ['ReduceSum', [[2, 3]], { ...axes(), attrs: { noop_with_empty_axes: 1 } }],
];
