/** FCN: three convolutions and a mean. */
import type { Backbone } from './backbone.js';
import { classify, convBlock } from './layers.js';
import { networkOf } from './network.js';

/**
 * Wang, Yan and Oates, Time series classification from scratch with deep neural networks (arXiv 1611.06455): 128, 256 and 128
 * kernels of 7, 5 and 3 steps (an odd 7 for the 8 of the paper, so that as many steps come out as go in), global average pooling.
 */
export const fcn: Backbone = {
  name: 'fcn',
  description: 'three convolutions with batch normalisation, and their mean over the steps',
  paper: 'arXiv 1611.06455',
  build: (shape, seed) =>
    networkOf('fcn', shape, seed, 128, (net, input) => {
      const { channels, width } = net.shape;
      const first = convBlock(net, 1, input, { from: channels, to: width, kernel: 7 });
      const second = convBlock(net, 2, first, { from: width, to: 2 * width, kernel: 5 });
      const third = convBlock(net, 3, second, { from: 2 * width, to: width, kernel: 3 });
      return classify(net, net.steps.mean(third, 2), width);
    }),
};
