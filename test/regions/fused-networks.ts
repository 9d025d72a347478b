/** Transformers as exporters and optimisers write them: fused nodes, packed weights, tied heads. */
import type { Graph, Value } from '../../src/ir/types.js';
import { type Example, Network, times, tokens, width } from './network.js';

const microsoft = 'com.microsoft';
const heads = 2;

/** Layers in fused form. */
class Fused extends Network {
  /** What a decoder's presents are made of. */
  readonly presents: Value[] = [];

  fused = (op: string, inputs: readonly (Value | null)[], outputs: number, attributes = {}): readonly Value[] =>
    this.g.ops(op, inputs, outputs, attributes, microsoft);

  bias = (x: Value, size = width): Value => this.g.add(x, this.weight(size));

  /** The norm of a sum, and the sum. */
  addNorm(x: Value, skip: Value): { normed: Value; sum: Value } {
    const inputs = [x, skip, this.weight(width), this.weight(width)];
    const [normed, , , sum] = this.fused('SkipLayerNormalization', inputs, 4);
    return { normed: normed!, sum: sum! };
  }

  addRms(x: Value, skip: Value): { normed: Value; sum: Value } {
    const [normed, , , sum] = this.fused('SkipSimplifiedLayerNormalization', [x, skip, this.weight(width)], 4);
    return { normed: normed!, sum: sum! };
  }

  rms = (x: Value): Value =>
    this.g.op('SimplifiedLayerNormalization', [x, this.weight(width)], { axis: -1, epsilon: 1e-5 });

  gelu = (x: Value): Value => this.fused('FastGelu', [x], 1)[0]!;

  fusedGraph(...outputs: Value[]): Graph {
    const graph = this.graph(...outputs);
    return { ...graph, opsets: new Map([...graph.opsets, [microsoft, 1]]) };
  }
}

const mlp = (n: Fused, x: Value): Value => {
  const wide = n.gelu(n.bias(n.linear(x, width, 2 * width), 2 * width));
  return n.bias(n.linear(wide, 2 * width, width));
};

export const fusedNetworks: Readonly<Record<string, Example>> = {
  'GPT-2 with its adds inside the norms': {
    graph() {
      const n = new Fused();
      const embedded = n.embed(tokens(n));
      const step = ({ normed, sum }: { normed: Value; sum: Value }) => {
        const inputs = [normed, n.weight(width, 3 * width), n.weight(3 * width)];
        const [packed] = n.fused('Attention', inputs, 1, { num_heads: heads, unidirectional: 1 });
        const middle = n.addNorm(n.bias(n.linear(packed!)), sum);
        return n.addNorm(mlp(n, middle.normed), middle.sum);
      };
      const { normed } = times(3, step, { normed: n.norm(embedded), sum: embedded });
      return n.fusedGraph(n.linear(normed, width, 16));
    },
    half: 'attention:2 mlp:2 attention:2 mlp:2 attention:2 mlp:2 head:1',
    block: 'block:4 block:4 block:4 head:1',
  },
  'an encoder with norms behind fused adds and a mask': {
    graph() {
      const n = new Fused();
      const mask = n.g.op('Cast', [n.input('attention_mask', [2, 5], 'int64')], { to: 6 });
      const step = (h: Value): Value => {
        const [q, k, v] = [n.bias(n.linear(h)), n.bias(n.linear(h)), n.bias(n.linear(h))];
        const [mixed] = n.fused('MultiHeadAttention', [q, k, v, null, mask], 1, { num_heads: heads });
        const middle = n.addNorm(n.bias(n.linear(mixed!)), h).normed;
        return n.addNorm(mlp(n, middle), middle).normed;
      };
      return n.fusedGraph(n.linear(times(2, step, n.norm(n.embed(tokens(n)))), width, 3));
    },
    half: 'attention:4 mlp:2 attention:4 mlp:2 head:1',
    block: 'block:6 block:6 head:1',
  },
  'Llama with grouped queries and keys to cache': {
    graph() {
      const n = new Fused();
      const ids = tokens(n);
      const embedded = n.embed(ids);
      const size = n.g.op('Gather', [n.g.op('Shape', [ids]), n.g.ints([1])], { axis: 0 });
      const total = n.g.op('Cast', [n.g.squeeze(size, [0])], { to: 6 });
      const last = n.g.op('Cast', [n.g.op('Expand', [n.g.sub(size, n.g.ints([1])), n.g.ints([2])])], { to: 6 });
      const step = ({ normed, sum }: { normed: Value; sum: Value }) => {
        const [q, k, v] = [n.linear(normed), n.linear(normed), n.linear(normed)];
        const inputs = [q, k, v, null, null, last, total];
        const [mixed, key, value] = n.fused('GroupQueryAttention', inputs, 3, { num_heads: 1, kv_num_heads: 1 });
        n.presents.push(key!, value!);
        const middle = n.addRms(n.linear(mixed!), sum);
        const gate = n.linear(middle.normed, width, 2 * width);
        const gated = n.g.mul(n.g.mul(gate, n.g.op('Sigmoid', [gate])), n.linear(middle.normed, width, 2 * width));
        return n.addRms(n.linear(gated, 2 * width, width), middle.sum);
      };
      const { normed } = times(2, step, { normed: n.rms(embedded), sum: embedded });
      return n.fusedGraph(n.linear(normed, width, 16), ...n.presents);
    },
    half: 'attention:4 mlp:3 attention:4 mlp:3 head:1',
    block: 'block:7 block:7 head:1',
  },
  'OPT: learned positions, biases, one weight for embedding and head': {
    graph() {
      const n = new Network();
      const ids = tokens(n);
      const table = n.weight(16, width);
      const mask = n.g.op('Cast', [n.input('attention_mask', [2, 5], 'int64')], { to: 1 });
      const counted = n.g.op('CumSum', [mask, n.g.op('Cast', [n.g.scalar(1)], { to: 6 })]);
      const positions = n.g.op('Cast', [n.g.mul(counted, mask)], { to: 7 });
      const bias = n.g.unsqueeze(n.g.mul(n.g.sub(n.g.scalar(1), mask), n.g.scalar(-100)), [1]);
      const h = n.g.add(n.g.op('Gather', [table, ids], { axis: 0 }), n.embed(positions));
      const step = (x: Value): Value => {
        const s = n.g.add(x, n.g.add(n.attention(n.norm(x), { mask: bias }), n.weight(width)));
        // the MLP of OPT works on rows
        const rows = n.g.reshape(s, [-1, width]);
        return n.g.reshape(n.g.add(rows, n.mlp(n.norm(rows))), [2, 5, width]);
      };
      return n.graph(n.g.matmul(n.norm(times(2, step, h)), n.g.transpose(table, [1, 0])));
    },
    half: 'attention:4 mlp:2 attention:4 mlp:2 head:1',
    block: 'block:6 block:6 head:1',
    left: ['shares its weight with an embedding'],
  },
  'queries, keys and values in one weight': {
    graph() {
      const n = new Network();
      const step = (h: Value): Value => {
        const packed = n.linear(n.norm(h), width, 3 * width);
        const [q, k, v] = n.g.ops('Split', [packed, n.g.ints([width, width, width])], 3, { axis: -1 });
        const weights = n.g.op('Softmax', [n.g.matmul(q!, n.g.transpose(k!, [0, 2, 1]))], { axis: -1 });
        const s = n.g.add(n.linear(n.g.matmul(weights, v!)), h);
        const [gate, up] = n.g.ops('Split', [n.linear(n.norm(s), width, 4 * width), n.g.ints([16, 16])], 2, {
          axis: -1,
        });
        return n.g.add(n.linear(n.g.mul(n.g.op('Sigmoid', [gate!]), up!), 2 * width, width), s);
      };
      return n.graph(n.linear(n.norm(times(3, step, n.embed(tokens(n)))), width, 16));
    },
    half: 'attention:2 mlp:2 attention:2 mlp:2 attention:2 mlp:2 head:1',
    block: 'block:4 block:4 block:4 head:1',
  },
  'attention and MLP out of one weight into one weight': {
    graph() {
      const n = new Network();
      const step = (h: Value): Value => {
        const sizes = n.g.ints([width, width, width, 2 * width]);
        const [q, k, v, m] = n.g.ops('Split', [n.linear(n.norm(h), width, 5 * width), sizes], 4, { axis: -1 });
        const weights = n.g.op('Softmax', [n.g.matmul(q!, n.g.transpose(k!, [0, 2, 1]))], { axis: -1 });
        const both = n.g.concat([n.g.matmul(weights, v!), n.g.op('Relu', [m!])], 2);
        return n.g.add(n.linear(both, 3 * width, width), h);
      };
      return n.graph(n.linear(n.norm(times(2, step, n.embed(tokens(n)))), width, 16));
    },
    half: 'attention:2 attention:2 head:1',
    block: 'attention:2 attention:2 head:1',
  },
  'a causal mask from shapes that every block reads': {
    graph() {
      const n = new Network();
      const x = n.conv(n.input('series', ['batch', 3, 'time']), 3);
      const h = n.g.transpose(x, [0, 2, 1]);
      const size = n.g.op('Gather', [n.g.op('Shape', [h]), n.g.ints([1])], { axis: 0 });
      const square = n.g.op('Expand', [n.g.scalar(1), n.g.concat([size, size], 0)]);
      const mask = n.g.op('Trilu', [n.g.mul(square, n.g.scalar(-100))]);
      const step = (s: Value): Value => {
        const a = n.g.add(n.attention(n.norm(s), { mask }), s);
        return n.g.add(n.mlp(n.norm(a)), a);
      };
      return n.graph(n.linear(n.norm(times(2, step, h)), width, 3));
    },
    half: 'conv:1 attention:4 mlp:2 attention:4 mlp:2 head:1',
    block: 'conv:1 block:6 block:6 head:1',
  },
};
