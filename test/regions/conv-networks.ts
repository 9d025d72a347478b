/** Networks of convolutions and recurrences as they are usually laid out. */
import type { Value } from '../../src/ir/types.js';
import { type Example, Network, times, width } from './network.js';

/** Layers for pictures. */
class Vision extends Network {
  conv2d(x: Value, from: number, to: number, { kernel = 3, stride = 1, groups = 1, relu = true } = {}): Value {
    const pad = (kernel - 1) / 2;
    const attributes = { pads: [pad, pad, pad, pad], strides: [stride, stride], group: groups };
    const y = this.g.op('Conv', [x, this.weight(to, from / groups, kernel, kernel)], attributes);
    return relu ? this.g.op('Relu', [y]) : y;
  }

  pool = (x: Value): Value => this.g.op('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] });

  classify = (x: Value, from: number): Value =>
    this.linear(this.g.op('Flatten', [this.g.op('GlobalAveragePool', [x])], { axis: 1 }), from, 3);
}

export const convNetworks: Readonly<Record<string, Example>> = {
  'VGG: stages between poolings': {
    graph() {
      const n = new Vision();
      const stage = (x: Value, from: number, to: number, count: number): Value =>
        n.pool(times(count - 1, (y) => n.conv2d(y, to, to), n.conv2d(x, from, to)));
      const x = stage(stage(stage(n.input('x', [1, 3, 16, 16]), 3, 4, 2), 4, 8, 2), 8, 8, 3);
      const flat = n.g.op('Relu', [n.linear(n.g.op('Flatten', [x], { axis: 1 }), 32, 16)]);
      return n.graph(n.linear(flat, 16, 3));
    },
    half: 'conv:1 conv:1 conv:1 conv:1 conv:1 conv:1 conv:1 mlp:1 head:1',
    block: 'block:2 block:2 block:3 mlp:1 head:1',
  },
  'a plain chain that strides and widens': {
    graph() {
      const n = new Vision();
      const x = n.conv2d(n.conv2d(n.input('x', [1, 3, 16, 16]), 3, 8), 8, 8);
      const y = n.conv2d(n.conv2d(x, 8, 8, { stride: 2 }), 8, 8);
      const z = n.conv2d(n.conv2d(y, 8, 16), 16, 16);
      return n.graph(n.classify(z, 16));
    },
    half: 'conv:1 conv:1 conv:1 conv:1 conv:1 conv:1 head:1',
    block: 'block:2 block:2 block:2 head:1',
  },
  'ResNet: a shortcut with a convolution is part of its block': {
    graph() {
      const n = new Vision();
      const residual = (x: Value, from: number, to: number): Value => {
        const isNarrow = from === to;
        const stride = isNarrow ? 1 : 2;
        const main = n.conv2d(n.conv2d(x, from, to, { stride }), to, to, { relu: false });
        const shortcut = isNarrow ? x : n.conv2d(x, from, to, { kernel: 1, stride, relu: false });
        return n.g.op('Relu', [n.g.add(main, shortcut)]);
      };
      const stem = n.pool(n.conv2d(n.input('x', [1, 3, 16, 16]), 3, 4));
      return n.graph(n.classify(residual(residual(residual(stem, 4, 4), 4, 8), 8, 8), 8));
    },
    half: 'conv:1 conv:2 conv:3 conv:2 head:1',
    block: 'conv:1 conv:2 conv:3 conv:2 head:1',
  },
  'MobileNet: depthwise with the pointwise behind it': {
    graph() {
      const n = new Vision();
      const separable = (x: Value, from: number, to: number): Value =>
        n.conv2d(n.conv2d(x, from, from, { groups: from }), from, to, { kernel: 1 });
      const x = separable(separable(n.conv2d(n.input('x', [1, 3, 8, 8]), 3, 4), 4, 8), 8, 8);
      return n.graph(n.classify(x, 8));
    },
    half: 'conv:1 conv:1 conv:1 conv:1 conv:1 head:1',
    block: 'conv:1 block:2 block:2 head:1',
  },
  'DenseNet: a dense block of few layers stays whole': {
    graph() {
      const n = new Vision();
      const dense = (x: Value, from: number): Value => {
        const features = [x];
        for (let i = 0; i < 4; i++) features.push(n.conv2d(n.g.concat([...features], 1), from + 4 * i, 4));
        return n.g.concat(features, 1);
      };
      const stem = n.conv2d(n.input('x', [1, 3, 8, 8]), 3, 4);
      const middle = n.pool(n.conv2d(dense(stem, 4), 20, 8, { kernel: 1 }));
      return n.graph(n.classify(dense(middle, 8), 24));
    },
    half: 'conv:1 conv:4 conv:1 conv:4 head:1',
    block: 'conv:1 conv:4 conv:1 conv:4 head:1',
  },
  'InceptionTime: branches beside each other, shortcuts over three': {
    graph() {
      const n = new Network();
      const conv = (x: Value, from: number, to: number, kernel: number): Value =>
        n.g.op('Conv', [x, n.weight(to, from, kernel)], { auto_pad: 'SAME_UPPER' });
      const module_ = (x: Value, from: number): Value => {
        const narrow = conv(x, from, 4, 1);
        const pooled = n.g.op('MaxPool', [x], { kernel_shape: [3], pads: [1, 1] });
        const branches = [3, 5, 9].map((kernel) => conv(narrow, 4, 2, kernel));
        return n.g.op('Relu', [n.g.concat([...branches, conv(pooled, from, 2, 1)], 1)]);
      };
      const three = (x: Value, from: number): Value =>
        n.g.op('Relu', [n.g.add(module_(module_(module_(x, from), 8), 8), conv(x, from, 8, 1))]);
      const h = three(three(n.input('x', [2, 1, 24]), 1), 8);
      return n.graph(n.linear(n.g.op('Flatten', [n.g.op('GlobalAveragePool', [h])], { axis: 1 }), 8, 3));
    },
    half: 'conv:5 conv:5 conv:5 conv:1 conv:5 conv:5 conv:5 conv:1 head:1',
  },
  'a stack of LSTMs': {
    graph() {
      const n = new Network();
      const lstm = (x: Value): Value => {
        const weights = [n.weight(1, 4 * width, width), n.weight(1, 4 * width, width), n.weight(1, 8 * width)];
        return n.g.squeeze(n.g.ops('LSTM', [x, ...weights], 1, { hidden_size: width })[0]!, [1]);
      };
      const h = times(3, lstm, n.input('x', [6, 2, width]));
      return n.graph(n.linear(n.g.op('Gather', [h, n.g.ints([5])], { axis: 0 }), width, 3));
    },
    half: 'recurrent:2 recurrent:2 recurrent:2 head:1',
    block: 'recurrent:2 recurrent:2 recurrent:2 head:1',
  },
};
