/** InceptionTime: convolutions of several lengths side by side. */
import type { Value } from '../../ir/types.js';
import type { Backbone } from './backbone.js';
import { batchNorm, classify, conv, relu } from './layers.js';
import { type Network, networkOf } from './network.js';

/**
 * Fawaz et al., InceptionTime: finding AlexNet for time series classification (arXiv 1909.04939): one network of the ensemble, six
 * modules of four branches, every third added to what the first of them was given. Kernels are odd, and shorter where the series
 * are: 39, 19 and 9 steps from a length of 40 on.
 */
export const inceptionTime: Backbone = {
  name: 'inception-time',
  description: 'six modules of convolutions of three lengths side by side, and their mean over the steps',
  paper: 'arXiv 1909.04939',
  build: (shape, seed) =>
    networkOf('inception-time', shape, seed, 32, (net, input) => {
      const { channels, width, length } = net.shape;
      const kernels = kernelsFor(length);
      const out = 4 * width;
      const series = net.steps.zeroed(input);
      let [x, from] = [series, channels];
      let [entered, enteredChannels] = [series, channels];
      for (let i = 1; i <= depth; i++) {
        x = inception(net, `module${i}`, x, from, kernels);
        from = out;
        if (i % 3 !== 0) continue;
        const name = `shortcut${i / 3}`;
        const past = conv(net, `${name}.conv`, entered, { from: enteredChannels, to: out, kernel: 1 });
        x = relu(net, net.g.add(x, batchNorm(net, `${name}.bn`, past, out)));
        [entered, enteredChannels] = [x, out];
      }
      return classify(net, net.steps.mean(x, 2), out);
    }),
};

const depth = 6;

/** The longest, its half and its quarter. */
const kernelsFor = (length: number): number[] =>
  [1, 2, 4].map((part) => Math.floor(Math.min(40, length) / part)).map((size) => Math.max(1, size - 1 + (size % 2)));

/** The bottleneck is for inputs with more channels than it has. */
function inception(net: Network, name: string, x: Value, from: number, kernels: readonly number[]): Value {
  const { g, steps } = net;
  const { width } = net.shape;
  const isWide = from > width;
  const narrow = isWide ? conv(net, `${name}.bottleneck`, x, { from, to: width, kernel: 1 }) : x;
  const entered = isWide ? width : from;
  const branches = kernels.map((kernel, i) =>
    conv(net, `${name}.conv${i + 1}`, narrow, { from: entered, to: width, kernel }),
  );
  const pooled = conv(net, `${name}.pool`, steps.maxima(x), { from, to: width, kernel: 1 });
  return relu(net, batchNorm(net, `${name}.bn`, g.concat([...branches, pooled], 1), 4 * width));
}
