/** Small networks with random weights, built to have one difficulty each. */
import type { Value } from '../../src/ir/types.js';
import { type Example, Network, times, tokens, width } from './network.js';

export const networks: Readonly<Record<string, Example>> = {
  'attention and MLP beside each other': {
    graph() {
      const n = new Network();
      const step = (h: Value): Value => {
        const x = n.norm(h);
        return n.g.add(n.g.add(n.attention(x), n.mlp(x)), h);
      };
      return n.graph(n.linear(n.norm(times(3, step, n.embed(tokens(n)))), width, 16));
    },
    half: 'attention:4 mlp:2 attention:4 mlp:2 attention:4 mlp:2 head:1',
    block: 'block:6 block:6 block:6 head:1',
  },
  'norms behind the residual adds': {
    graph() {
      const n = new Network();
      const step = (h: Value): Value => {
        const s = n.norm(n.g.add(n.attention(h), h));
        return n.norm(n.g.add(n.mlp(s), s));
      };
      return n.graph(n.linear(times(2, step, n.norm(n.embed(tokens(n)))), width, 16));
    },
    half: 'attention:4 mlp:2 attention:4 mlp:2 head:1',
    block: 'block:6 block:6 head:1',
  },
  'no head': {
    graph() {
      const n = new Network();
      const step = (h: Value): Value => {
        const s = n.g.add(n.attention(n.norm(h)), h);
        return n.g.add(n.mlp(n.norm(s)), s);
      };
      return n.graph(n.norm(times(2, step, n.embed(tokens(n)))));
    },
    half: 'attention:4 mlp:2 attention:4 mlp:2',
    block: 'block:6 block:6',
    left: [],
  },
  'a mask, rotations from position ids, and cached keys as outputs': {
    graph() {
      const n = new Network();
      const ids = tokens(n);
      const positions = n.g.op('Cast', [n.input('position_ids', [2, 5], 'int64')], { to: 1 });
      const angles = n.g.matmul(n.weight(1, width, 1), n.g.unsqueeze(positions, [1]));
      const turn = n.g.op('Cos', [n.g.transpose(angles, [0, 2, 1])]);
      const mask = n.g.op('Cast', [n.input('attention_mask', [2, 5], 'int64')], { to: 1 });
      const bias = n.g.unsqueeze(n.g.mul(n.g.sub(n.g.scalar(1), mask), n.g.scalar(-100)), [1]);
      const presents: Value[] = [];
      const step = (h: Value): Value => {
        const x = n.norm(h);
        presents.push(n.g.transpose(x, [0, 2, 1]));
        const s = n.g.add(n.attention(x, { mask: bias, turn }), h);
        return n.g.add(n.mlp(n.norm(s)), s);
      };
      const h = times(3, step, n.embed(ids));
      return n.graph(n.linear(n.norm(h), width, 16), ...presents);
    },
    half: 'mlp:1 attention:4 mlp:2 attention:4 mlp:2 attention:4 mlp:2 head:1',
    block: 'mlp:1 block:6 block:6 block:6 head:1',
    left: ['sees only positions or a mask', 'output head'],
  },
  'cached keys that come in and go out': {
    graph() {
      const n = new Network();
      const ids = tokens(n);
      const presents: Value[] = [];
      const step = (h: Value): Value => {
        const x = n.norm(h);
        const past = n.input(`past_key_values.${presents.length}.key`, [2, 'past', width]);
        presents.push(n.g.concat([past, x], 1));
        const s = n.g.add(n.attention(x, { memory: presents.at(-1)! }), h);
        return n.g.add(n.mlp(n.norm(s)), s);
      };
      const h = times(3, step, n.embed(ids));
      return n.graph(n.linear(n.norm(h), width, 16), ...presents);
    },
    half: 'attention:4 mlp:2 attention:4 mlp:2 attention:4 mlp:2 head:1',
    block: 'block:6 block:6 block:6 head:1',
  },
  'a head that shares its weight with the embedding': {
    graph() {
      const n = new Network();
      const table = n.weight(16, width);
      const h = n.g.op('Gather', [table, tokens(n)], { axis: 0 });
      const s = n.g.add(n.attention(n.norm(h)), h);
      return n.graph(n.g.matmul(n.norm(s), n.g.transpose(table, [1, 0])));
    },
    half: 'attention:4 head:1',
    left: ['shares its weight with an embedding'],
  },
  'an encoder that every block of a decoder reads': {
    graph() {
      const n = new Network();
      const encode = (h: Value): Value => {
        const s = n.g.add(n.attention(n.norm(h)), h);
        return n.g.add(n.mlp(n.norm(s)), s);
      };
      const memory = n.norm(times(2, encode, n.embed(tokens(n))));
      const decode = (h: Value): Value => {
        const s = n.g.add(n.attention(n.norm(h)), h);
        const c = n.g.add(n.attention(n.norm(s), { memory }), s);
        return n.g.add(n.mlp(n.norm(c)), c);
      };
      const h = times(3, decode, n.embed(tokens(n, 'decoder_input_ids')));
      return n.graph(n.linear(n.norm(h), width, 16));
    },
    half: `attention:4 mlp:2 attention:4 mlp:2 ${'attention:4 attention:4 mlp:2 '.repeat(3)}head:1`,
    block: 'block:6 block:6 block:10 block:10 block:10 head:1',
  },
  'two inputs with towers of their own': {
    graph() {
      const n = new Network();
      const [x, y] = [n.input('x', [2, width]), n.input('y', [2, width])];
      const left = n.mlp(n.linear(x));
      const right = n.g.op('Relu', [n.linear(y)]);
      return n.graph(n.linear(n.g.op('Relu', [n.linear(n.g.add(left, right))])));
    },
    half: 'mlp:1 mlp:1 mlp:2 mlp:1 head:1',
  },
  'two heads': {
    graph() {
      const n = new Network();
      const h = times(3, (x) => n.g.op('Relu', [n.linear(x)]), n.input('x', [2, width]));
      const box = n.linear(n.g.op('Relu', [n.linear(h)]));
      return n.graph(n.linear(h), box);
    },
    half: 'mlp:1 mlp:1 mlp:1 mlp:1 head:1 head:1',
    left: ['output head', 'output head'],
  },
  'features that all later layers read': {
    graph() {
      const n = new Network();
      const features = [n.conv(n.input('x', [2, 1, 12]), 1)];
      for (let i = 0; i < 16; i++) {
        features.push(n.conv(n.g.concat([...features], 1), width * features.length));
      }
      return n.graph(n.conv(n.g.concat(features, 1), width * features.length, 3));
    },
    half: `conv:1 ${'conv:1 '.repeat(10)}conv:6 head:1`,
  },
  'a U-Net of residual blocks': {
    graph() {
      const n = new Network();
      const residual = (x: Value): Value => n.g.add(n.conv(n.conv(x)), x);
      const level = (x: Value, depth: number): Value => {
        const down = residual(residual(x));
        if (depth === 0) return down;
        const pooled = n.g.op('MaxPool', [down], { kernel_shape: [2], strides: [2] });
        const up = n.g.concat([level(pooled, depth - 1), n.conv(pooled)], 1);
        const wide = n.g.op('Concat', [up, up], { axis: 2 });
        return residual(n.conv(n.g.concat([wide, down], 1), 3 * width));
      };
      return n.graph(n.conv(level(n.conv(n.input('x', [1, 1, 16]), 1), 2), width, 2));
    },
    half: 'conv:1 conv:2 conv:2 conv:1 conv:1 conv:2 conv:5 conv:1 conv:2 conv:1 conv:1 conv:2 head:1',
  },
  'a router whose choice is an index': {
    graph() {
      const n = new Network();
      const step = (h: Value): Value => {
        const x = n.norm(h);
        const choice = n.g.op('ArgMax', [n.linear(x, width, 2)], { axis: -1, keepdims: 1 });
        const gate = n.g.op('Cast', [choice], { to: 1 });
        return n.g.add(n.g.add(n.g.mul(n.mlp(x), gate), n.mlp(x)), h);
      };
      return n.graph(n.linear(n.norm(times(2, step, n.embed(tokens(n)))), width, 16));
    },
    half: 'mlp:5 mlp:5 head:1',
  },
  'one attention in one node': {
    graph() {
      const n = new Network();
      const step = (h: Value): Value => {
        const [packed] = n.g.ops(
          'Attention',
          [n.norm(h), n.weight(width, 3 * width), n.weight(3 * width)],
          1,
          { num_heads: 2 },
          'com.microsoft',
        );
        const s = n.g.add(n.linear(packed!), h);
        return n.g.add(n.mlp(n.norm(s)), s);
      };
      const graph = n.graph(n.linear(n.norm(times(2, step, n.embed(tokens(n)))), width, 16));
      return { ...graph, opsets: new Map([...graph.opsets, ['com.microsoft', 1]]) };
    },
    half: 'attention:2 mlp:2 attention:2 mlp:2 head:1',
    block: 'block:4 block:4 head:1',
  },
  'a label as its only output': {
    graph() {
      const n = new Network();
      const h = times(2, (x) => n.g.op('Relu', [n.linear(x)]), n.input('x', [2, width]));
      return n.graph(n.g.op('ArgMax', [n.linear(h)], { axis: -1 }));
    },
    half: 'mlp:1 mlp:1 head:1',
  },
  'one layer used twice': {
    graph() {
      const n = new Network();
      const w = n.weight(width, width);
      const first = n.g.op('Relu', [n.g.matmul(n.input('x', [2, width]), w)]);
      const second = n.g.op('Relu', [n.g.matmul(n.g.op('Relu', [n.linear(first)]), w)]);
      return n.graph(n.linear(second));
    },
    half: 'mlp:1 mlp:1 mlp:0 head:1',
  },
};
