/** CNN-LSTM: convolutions find shapes, an LSTM follows their order. */
import type { Value } from '../../ir/types.js';
import type { Backbone } from './backbone.js';
import { classify, convBlock } from './layers.js';
import { type Network, networkOf } from './network.js';

/**
 * After Ordóñez and Roggen, Deep convolutional and LSTM recurrent neural networks (Sensors 16 (2016) 115): convolutions of 64
 * channels and 5 steps, here with batch normalisation, and an LSTM of 128. Its mean over the steps is classified, as long series
 * are forgotten by the last state alone.
 */
export const cnnLstm: Backbone = {
  name: 'cnn-lstm',
  description: 'three convolutions, an LSTM behind them, and its mean over the steps',
  paper: 'doi 10.3390/s16010115',
  build: (shape, seed) =>
    networkOf('cnn-lstm', shape, seed, 64, (net, input) => {
      const { channels, width } = net.shape;
      const first = convBlock(net, 1, input, { from: channels, to: width, kernel: 5 });
      const second = convBlock(net, 2, first, { from: width, to: width, kernel: 5 });
      const third = convBlock(net, 3, second, { from: width, to: width, kernel: 5 });
      const states = lstm(net, 'lstm', third, width, 2 * width);
      return classify(net, net.steps.mean(states, 1), 2 * width);
    }),
};

/** The states at all steps: [batch, channels, steps] to [batch, steps, hidden]. Gates lie as i, o, f, c. */
function lstm(net: Network, name: string, x: Value, from: number, hidden: number): Value {
  const { g } = net;
  const bound = 1 / Math.sqrt(hidden);
  const weights = [
    net.drawn(`${name}.weight`, [1, 4 * hidden, from], bound),
    net.drawn(`${name}.recurrent_weight`, [1, 4 * hidden, hidden], bound),
    net.drawn(`${name}.bias`, [1, 8 * hidden], bound),
  ];
  // no lengths: what runs forward knows nothing of what follows, and states behind the end are left out of the mean
  const states = g.op('LSTM', [g.transpose(x, [2, 0, 1]), ...weights], { hidden_size: hidden });
  return g.transpose(g.squeeze(states, [1]), [1, 0, 2]);
}
