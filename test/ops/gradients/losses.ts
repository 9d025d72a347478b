import { int64, tensor } from '../../../src/tensor/tensor.js';
import type { Case, CaseOptions } from './case.js';

const flat = int64([4], [0, 2, 1, 2]);
const spatial = int64([2, 3], [0, 2, 1, 2, 0, 0]);
const some = int64([4], [0, -1, 1, 2]);

/** The three reductions, with and without ignored labels and weights of classes, which are differentiated as well. */
const every = (op: string, options: CaseOptions = {}): Case[] =>
  ['none', 'sum', 'mean'].flatMap((reduction): Case[] => [
    [op, [[4, 3]], { ...options, fixed: { 1: flat }, attrs: { reduction } }],
    [op, [[4, 3]], { ...options, fixed: { 1: some }, attrs: { reduction, ignore_index: -1 } }],
    [op, [[4, 3], [3]], { ...options, low: 0.5, fixed: { 1: flat }, attrs: { reduction } }],
    [op, [[4, 3], [3]], { ...options, low: 0.5, fixed: { 1: some }, attrs: { reduction, ignore_index: -1 } }],
    [op, [[2, 3, 3], [3]], { ...options, low: 0.5, fixed: { 1: spatial }, attrs: { reduction, ignore_index: 2 } }],
    [op, [[2, 3, 3]], { ...options, fixed: { 1: spatial }, attrs: { reduction } }],
  ]);

export const losses: readonly Case[] = [
  ...every('NegativeLogLikelihoodLoss'),
  ...every('SoftmaxCrossEntropyLoss'),
  ...every('SoftmaxCrossEntropyLoss', { outputs: 2 }),
  ['SoftmaxCrossEntropyLoss', [[2, 3, 3]], { fixed: { 1: spatial }, outputs: 2, unused: [0] }],
  ['SoftmaxCrossEntropyLoss', [[4, 3]], { fixed: { 1: tensor('int32', [4], Int32Array.of(0, 2, 1, 2)) } }],
];
