/** ResNet for series: blocks of three convolutions, each added to what it was given. */
import type { Value } from '../../ir/types.js';
import type { Backbone } from './backbone.js';
import { batchNorm, classify, conv, convBlock, relu } from './layers.js';
import { type Network, networkOf } from './network.js';

/**
 * Wang, Yan and Oates, Time series classification from scratch with deep neural networks (arXiv 1611.06455): blocks of 64, 128 and
 * 128 channels with kernels of 7, 5 and 3 steps. The way past a block is a convolution of one step where the channels change.
 */
export const resnet: Backbone = {
  name: 'resnet',
  description: 'three residual blocks of three convolutions each, and their mean over the steps',
  paper: 'arXiv 1611.06455',
  build: (shape, seed) =>
    networkOf('resnet', shape, seed, 64, (net, input) => {
      const { channels, width } = net.shape;
      // the way past a block sees one step at a time, and batch statistics all of them
      const first = block(net, 1, net.steps.zeroed(input), channels, width);
      const second = block(net, 2, first, width, 2 * width);
      const third = block(net, 3, second, 2 * width, 2 * width);
      return classify(net, net.steps.mean(third, 2), 2 * width);
    }),
};

function block(net: Network, number: number, x: Value, from: number, to: number): Value {
  const first = convBlock(net, `${number}.1`, x, { from, to, kernel: 7 });
  const second = convBlock(net, `${number}.2`, first, { from: to, to, kernel: 5 });
  const third = conv(net, `conv${number}.3`, second, { from: to, to, kernel: 3 });
  const past = from === to ? x : conv(net, `shortcut${number}.conv`, x, { from, to, kernel: 1 });
  const sum = net.g.add(batchNorm(net, `bn${number}.3`, third, to), batchNorm(net, `shortcut${number}.bn`, past, to));
  return relu(net, sum);
}
