import type { AttrInput } from '../../../src/ir/node.js';
import { type Tensor, tensor } from '../../../src/tensor/tensor.js';
import type { Case, CaseOptions } from './case.js';

const text = new TextEncoder();
const strings = (...values: string[]): AttrInput => ({
  kind: 'strings',
  value: values.map((value) => text.encode(value)),
});
const float = (value: number): AttrInput => ({ kind: 'float', value });
const floats = (...value: number[]): AttrInput => ({ kind: 'floats', value });

type Attrs = NonNullable<CaseOptions['attrs']>;

/** Three steps, batch 2, four inputs, three hidden units; the runtime's kernels are float32 only. */
function layer(
  op: 'RNN' | 'GRU' | 'LSTM',
  attrs: Attrs,
  {
    directions = 1,
    parts = 'all',
    outputs = op === 'LSTM' ? 3 : 2,
    unused = [] as number[],
    step = 2e-3,
    lengths = null as Tensor | null,
    computed = [] as number[],
  } = {},
): Case {
  const gates = { RNN: 1, GRU: 3, LSTM: 4 }[op] * 3;
  const bare = [
    [3, 2, 4],
    [directions, gates, 4],
    [directions, gates, 3],
  ];
  const state = [directions, 2, 3];
  const bias = [directions, 2 * gates];
  const options: CaseOptions = {
    attrs: { hidden_size: 3, ...attrs },
    dtype: 'float32',
    low: -1,
    high: 1,
    outputs,
    unused,
    computed,
    step,
    tolerance: step < 1e-3 ? 1e-2 : 2e-3,
  };
  if (parts === 'bare') return [op, bare, options];
  if (op !== 'LSTM') return [op, [...bare, bias, state], { ...options, fixed: { 4: lengths } }];
  const shapes = [...bare, bias, state, state, ...(parts === 'peepholes' ? [[directions, 9]] : [])];
  return [op, shapes, { ...options, fixed: { 4: lengths } }];
}

/** Of three steps one row has two; or one has none, and gives nothing. */
const [shorter, none] = [
  [2, 3],
  [3, 0],
].map((lengths) => tensor('int32', [2], Int32Array.from(lengths)));

const both: Attrs = { direction: 'bidirectional' };

export const recurrent: readonly Case[] = [
  layer('RNN', {}),
  layer('RNN', {}, { parts: 'bare', outputs: 1 }),
  layer('RNN', { direction: 'reverse' }),
  layer('RNN', both, { directions: 2 }),
  ...['Relu', 'Sigmoid', 'LeakyRelu', 'ScaledTanh', 'HardSigmoid', 'Elu', 'Softsign', 'Softplus', 'Affine'].map(
    (name) => layer('RNN', { activations: strings(name), activation_alpha: floats(0.4), activation_beta: floats(0.6) }),
  ),
  layer('RNN', { activations: strings('ThresholdedRelu'), activation_alpha: floats(0.3) }),
  layer('GRU', {}),
  layer('GRU', {}, { parts: 'bare', outputs: 1 }),
  layer('GRU', { direction: 'reverse' }),
  layer('GRU', both, { directions: 2 }),
  layer('GRU', { linear_before_reset: 1 }),
  layer('GRU', { linear_before_reset: 1 }, { parts: 'bare', unused: [0] }),
  layer('GRU', { linear_before_reset: 1, direction: 'reverse' }),
  layer('GRU', { linear_before_reset: 1, ...both }, { directions: 2 }),
  layer('GRU', { activations: strings('HardSigmoid', 'Softsign'), linear_before_reset: 1 }),
  layer('LSTM', {}),
  layer('LSTM', {}, { parts: 'bare', outputs: 1 }),
  layer('LSTM', {}, { unused: [0] }),
  layer('LSTM', { direction: 'reverse' }),
  layer('LSTM', both, { directions: 2 }),
  layer('LSTM', {}, { parts: 'peepholes' }),
  layer('LSTM', { direction: 'reverse' }, { parts: 'peepholes' }),
  layer('LSTM', both, { parts: 'peepholes', directions: 2 }),
  layer('LSTM', { input_forget: 1 }, { parts: 'peepholes' }),
  layer('LSTM', { input_forget: 1 }),
  layer('LSTM', {
    activations: strings('HardSigmoid', 'Softsign', 'ScaledTanh'),
    activation_alpha: floats(0.2, 0.9),
    activation_beta: floats(0.5, 0.7),
  }),
  layer('RNN', { clip: float(0.9) }, { step: 2e-4 }),
  layer('GRU', { clip: float(0.9) }, { step: 2e-4 }),
  layer('GRU', { clip: float(0.9), linear_before_reset: 1, ...both }, { directions: 2, step: 2e-4 }),
  layer('LSTM', { clip: float(0.9) }, { step: 2e-4 }),
  layer('LSTM', { clip: float(0.9), direction: 'reverse' }, { parts: 'peepholes', step: 2e-4 }),
  layer('LSTM', { clip: float(0.9), input_forget: 1 }, { step: 2e-4 }),
  ...(['RNN', 'GRU', 'LSTM'] as const).flatMap((op) => [
    layer(op, {}, { lengths: shorter }),
    layer(op, { direction: 'reverse' }, { lengths: shorter }),
    layer(op, both, { directions: 2, lengths: shorter }),
    layer(op, {}, { lengths: none, unused: [0] }),
    layer(op, { direction: 'reverse' }, { lengths: none, unused: [1] }),
  ]),
  layer('LSTM', both, { directions: 2, parts: 'peepholes', lengths: shorter }),
  layer('LSTM', {}, { lengths: shorter, computed: [4], unused: [0, 1] }),
  layer('GRU', both, { directions: 2, lengths: none, computed: [4] }),
  layer('GRU', { ...both, linear_before_reset: 1 }, { directions: 2, lengths: shorter }),
];
