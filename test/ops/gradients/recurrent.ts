import type { AttrInput } from '../../../src/ir/node.js';
import type { Case, CaseOptions } from './case.js';

const text = new TextEncoder();
const strings = (...values: string[]): AttrInput => ({
  kind: 'strings',
  value: values.map((value) => text.encode(value)),
});
const floats = (...value: number[]): AttrInput => ({ kind: 'floats', value });

type Attrs = NonNullable<CaseOptions['attrs']>;

/** Three steps, batch 2, four inputs, three hidden units; the runtime's kernels are float32 only. */
function layer(
  op: 'RNN' | 'GRU' | 'LSTM',
  attrs: Attrs,
  { directions = 1, parts = 'all', outputs = op === 'LSTM' ? 3 : 2, unused = [] as number[] } = {},
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
    step: 2e-3,
    tolerance: 2e-3,
  };
  if (parts === 'bare') return [op, bare, options];
  if (op !== 'LSTM') return [op, [...bare, bias, state], { ...options, fixed: { 4: null } }];
  const shapes = [...bare, bias, state, state, ...(parts === 'peepholes' ? [[directions, 9]] : [])];
  return [op, shapes, { ...options, fixed: { 4: null } }];
}

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
];
