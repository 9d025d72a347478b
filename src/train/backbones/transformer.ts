/** A small transformer encoder over the steps of a series. */
import { UserError } from '../../errors.js';
import type { Value } from '../../ir/types.js';
import type { Backbone } from './backbone.js';
import { classify, conv, dropout } from './layers.js';
import { type Network, networkOf } from './network.js';
import type { ValidSteps } from './valid-steps.js';

/**
 * Vaswani et al., Attention is all you need (arXiv 1706.03762), with the normalisation in front of each half of a layer (Xiong et
 * al., arXiv 2002.04745) and GELU: two layers of 64 channels and 4 heads. A convolution makes one token a step, or of every few
 * steps where there are more than 128; positions are learned, and start as sinusoids.
 */
export const transformer: Backbone = {
  name: 'transformer',
  description: 'a convolution that makes tokens, two layers of attention, and their mean over the tokens',
  paper: 'arXiv 1706.03762',
  build: (shape, seed) =>
    networkOf('transformer', shape, seed, 64, (net, input) => {
      const { width, length } = net.shape;
      if (width % heads !== 0) {
        throw new UserError('transformer', `expected a width that ${heads} heads divide, got ${width}; choose another`);
      }
      const stride = Math.ceil(length / mostTokens);
      const tokens = net.steps.strided(stride);
      let x = dropout(net, embed(net, input, stride));
      for (let i = 1; i <= depth; i++) {
        x = net.g.add(x, dropout(net, attention(net, `layer${i}`, normalise(net, `layer${i}.norm1`, x), tokens)));
        x = net.g.add(x, dropout(net, perceptron(net, `layer${i}`, normalise(net, `layer${i}.norm2`, x))));
      }
      return classify(net, tokens.mean(normalise(net, 'norm', x), 1), width);
    }),
};

const depth = 2;
const heads = 4;
const mostTokens = 128;

/** [batch, channels, length] to [batch, tokens, width]; the token i is around the step i * stride. */
function embed(net: Network, input: Value, stride: number): Value {
  const { g } = net;
  const { channels, width, length } = net.shape;
  const patches = conv(net, 'embed', input, { from: channels, to: width, kernel: 2 * stride + 5, stride, bias: true });
  const tokens = Math.ceil(length / stride);
  return g.add(
    g.transpose(patches, [0, 2, 1]),
    net.given('positions.weight', [tokens, width], sinusoids(tokens, width)),
  );
}

/** Sines in even channels and cosines in odd ones, of wavelengths from 2 pi to 10000 times that. */
function sinusoids(tokens: number, width: number): Float32Array {
  const values = new Float32Array(tokens * width);
  for (let at = 0; at < tokens; at++) {
    for (let channel = 0; channel < width; channel++) {
      const angle = at / 10000 ** ((channel - (channel % 2)) / width);
      values[at * width + channel] = channel % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }
  }
  return values;
}

function attention(net: Network, name: string, x: Value, tokens: ValidSteps): Value {
  const { g } = net;
  const { width } = net.shape;
  // PyTorch draws the three projections by Glorot's bound and starts the biases of attention at zero
  const projected = dense(net, `${name}.attention.input`, x, width, 3 * width, Math.sqrt(6 / (4 * width)));
  const [q, k, v] = g.ops('Split', [projected], 3, { axis: 2, num_outputs: 3 }) as [Value, Value, Value];
  const byHead = (value: Value, perm: readonly number[]): Value =>
    g.transpose(g.reshape(value, [0, 0, heads, width / heads]), perm);
  const scores = g.mul(
    g.matmul(byHead(q, [0, 2, 1, 3]), byHead(k, [0, 2, 3, 1])),
    g.scalar(1 / Math.sqrt(width / heads)),
  );
  const weights = g.op('Softmax', [tokens.attended(scores)], { axis: -1 });
  const mixed = g.transpose(g.matmul(dropout(net, weights), byHead(v, [0, 2, 1, 3])), [0, 2, 1, 3]);
  return dense(net, `${name}.attention.output`, g.reshape(mixed, [0, 0, width]), width, width);
}

/** Linear, GELU, linear. */
function perceptron(net: Network, name: string, x: Value): Value {
  const { g } = net;
  const { width } = net.shape;
  const wide = linearOf(net, `${name}.mlp1`, x, width, 4 * width);
  const erf = g.op('Erf', [g.mul(wide, g.scalar(Math.SQRT1_2))]);
  const gelu = g.mul(g.mul(wide, g.add(erf, g.scalar(1))), g.scalar(0.5));
  return linearOf(net, `${name}.mlp2`, dropout(net, gelu), 4 * width, width);
}

/** The linear layer of x [batch, tokens, from]; its weight lies as [from, to]. */
function linearOf(net: Network, name: string, x: Value, from: number, to: number): Value {
  const bound = 1 / Math.sqrt(from);
  const weighed = net.g.matmul(x, net.drawn(`${name}.weight`, [from, to], bound));
  return net.g.add(weighed, net.drawn(`${name}.bias`, [to], bound));
}

/** As `linearOf`, with the bias at zero. */
function dense(net: Network, name: string, x: Value, from: number, to: number, bound = 1 / Math.sqrt(from)): Value {
  const weighed = net.g.matmul(x, net.drawn(`${name}.weight`, [from, to], bound));
  return net.g.add(weighed, net.given(`${name}.bias`, [to], new Float32Array(to)));
}

function normalise(net: Network, name: string, x: Value): Value {
  const { width } = net.shape;
  const weights = [
    net.given(`${name}.weight`, [width], new Float32Array(width).fill(1)),
    net.given(`${name}.bias`, [width], new Float32Array(width)),
  ];
  return net.g.op('LayerNormalization', [x, ...weights], { axis: -1, epsilon: 1e-5 });
}
