import { int64 } from '../../../src/tensor/tensor.js';
import type { Case, CaseOptions } from './case.js';

const axes = (...values: number[]) => ({ fixed: { 1: int64([values.length], values) } });

/** A reduction over all axes, over some, over none, and over axes that are computed. */
const every = (op: string, options: CaseOptions = {}): Case[] => [
  [op, [[2, 3, 4]], options],
  [op, [[2, 3, 4]], { ...options, ...axes(1), attrs: { keepdims: 0 } }],
  [op, [[2, 3, 4]], { ...options, ...axes(0, -1) }],
  [op, [[2, 3, 4]], { ...options, attrs: { keepdims: 0 } }],
  [op, [[2, 3]], { ...options, ...axes(), attrs: { noop_with_empty_axes: 1 } }],
  [op, [[2, 3]], { ...options, ...axes() }],
  [op, [[2, 3, 4]], { ...options, ...axes(-2), computed: [1], attrs: { keepdims: 0 }, symbolic: false }],
  [op, [[]], options],
];

const axis = (value: number) => ({ fixed: { 1: int64([], [value]) } });

export const reductions: readonly Case[] = [
  ...every('ReduceSum'),
  ...every('ReduceMean'),
  ...every('ReduceMax'),
  ...every('ReduceMin'),
  ...every('ReduceProd'),
  ...every('ReduceL1'),
  ...every('ReduceL2'),
  ...every('ReduceSumSquare'),
  ...every('ReduceLogSum', { low: 0.5, high: 2 }),
  ...every('ReduceLogSumExp'),
  ['CumSum', [[2, 3, 4]], axis(1)],
  ['CumSum', [[2, 3]], { ...axis(-1), attrs: { exclusive: 1 } }],
  ['CumSum', [[2, 3]], { ...axis(0), attrs: { reverse: 1 } }],
  ['CumSum', [[2, 3]], { ...axis(1), attrs: { exclusive: 1, reverse: 1 } }],
];
