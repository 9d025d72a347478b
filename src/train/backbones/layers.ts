/** Layers whose weights start as PyTorch's: uniform within 1 / sqrt(fan-in), of weights and biases alike. */
import type { Value } from '../../ir/types.js';
import type { Network } from './network.js';

export interface ConvShape {
  readonly from: number;
  readonly to: number;
  readonly kernel: number;
  /** Default 1. */
  readonly stride?: number;
  /** Default false: a BatchNormalization that follows has one. */
  readonly bias?: boolean;
}

/** A convolution along the steps: with an odd kernel and stride 1 as many come out as go in. */
export function conv(net: Network, name: string, x: Value, shape: ConvShape): Value {
  const { from, to, kernel, stride = 1, bias = false } = shape;
  const bound = 1 / Math.sqrt(from * kernel);
  // one step at a time there is nothing to leak from behind the end
  const inputs = [
    kernel === 1 ? x : net.steps.zeroed(x),
    net.drawn(`${name}.weight`, [to, from, kernel], bound),
    ...(bias ? [net.drawn(`${name}.bias`, [to], bound)] : []),
  ];
  const side = (kernel - 1) / 2;
  return net.g.op('Conv', inputs, { kernel_shape: [kernel], pads: [side, side], strides: [stride] });
}

export function batchNorm(net: Network, name: string, x: Value, channels: number): Value {
  const filled = (part: string, value: number): Value =>
    net.given(`${name}.${part}`, [channels], new Float32Array(channels).fill(value));
  const weights = [filled('weight', 1), filled('bias', 0), filled('running_mean', 0), filled('running_var', 1)];
  return net.g.op('BatchNormalization', [x, ...weights], { epsilon: 1e-5, momentum: 0.9 });
}

export const relu = ({ g }: Network, x: Value): Value => g.op('Relu', [x]);

/** Conv, BatchNormalization, ReLU: `conv1` and `bn1` for the number 1. */
export function convBlock(net: Network, number: string | number, x: Value, shape: ConvShape): Value {
  return relu(net, batchNorm(net, `bn${number}`, conv(net, `conv${number}`, x, shape), shape.to));
}

/** The linear layer of x [batch, from]. */
export function linear(net: Network, name: string, x: Value, from: number, to: number): Value {
  const bound = 1 / Math.sqrt(from);
  const weights = [net.drawn(`${name}.weight`, [to, from], bound), net.drawn(`${name}.bias`, [to], bound)];
  return net.g.op('Gemm', [x, ...weights], { transB: 1 });
}

export function dropout({ g, shape }: Network, x: Value): Value {
  return shape.dropout > 0 ? g.op('Dropout', [x, g.scalar(shape.dropout)]) : x;
}

/** Logits from features [batch, width]. */
export const classify = (net: Network, features: Value, width: number): Value =>
  linear(net, 'fc', dropout(net, features), width, net.shape.classes);
