/** A builder with the layers that test networks are made of. */
import type { Graph, TensorType, Value } from '../../src/ir/types.js';
import { Builder } from '../../src/ops/builder.js';
import { random } from '../../src/tensor/random.js';

export const width = 8;

export class Network {
  readonly g = new Builder([], 'n');
  readonly #inputs: Value[] = [];
  #weights = 0;

  input(name: string, shape: readonly (number | string)[], dtype: TensorType['dtype'] = 'float32'): Value {
    const value: Value = { name, type: { dtype, shape } };
    this.#inputs.push(value);
    return value;
  }

  weight(...shape: number[]): Value {
    const size = shape.reduce((product, n) => product * n, 1);
    const values = random(3, `weight ${this.#weights++}`).normals(size);
    return this.g.floats(
      values.map((x) => x * 0.3),
      shape,
    );
  }

  linear = (x: Value, from = width, to = width): Value => this.g.matmul(x, this.weight(from, to));

  norm = (x: Value): Value =>
    this.g.op('LayerNormalization', [x, this.weight(width), this.weight(width)], { axis: -1 });

  /** One head; `mask` is added to the scores, keys and values come from `memory` where given. */
  attention(x: Value, { mask, memory = x, turn }: { mask?: Value; memory?: Value; turn?: Value } = {}): Value {
    const { g } = this;
    const [q, k, v] = [this.linear(x), this.linear(memory), this.linear(memory)];
    const turned = turn ? g.mul(q, turn) : q;
    const scores = g.matmul(turned, g.transpose(k, [0, 2, 1]));
    const weights = g.op('Softmax', [mask ? g.add(scores, mask) : scores], { axis: -1 });
    return this.linear(g.matmul(weights, v));
  }

  mlp = (x: Value): Value => this.linear(this.g.op('Relu', [this.linear(x, width, 2 * width)]), 2 * width, width);

  conv = (x: Value, from = width, to = width): Value =>
    this.g.op('Relu', [this.g.op('Conv', [x, this.weight(to, from, 3)], { pads: [1, 1] })]);

  embed = (ids: Value, rows = 16): Value => this.g.op('Gather', [this.weight(rows, width), ids], { axis: 0 });

  graph(...outputs: Value[]): Graph {
    return {
      name: 'network',
      inputs: this.#inputs,
      outputs,
      nodes: this.g.nodes,
      initializers: this.g.initializers,
      opsets: new Map([['', 17]]),
      functions: [],
    };
  }
}

/** A network to take apart: its graph, and what it is made of. */
export interface Example {
  graph(): Graph;
  half: string;
  block?: string;
  left?: readonly string[];
}

export const times = <T>(count: number, step: (x: T) => T, start: T): T =>
  Array.from({ length: count }).reduce<T>((x) => step(x), start);

export const tokens = (n: Network, name = 'input_ids'): Value => n.input(name, [2, 5], 'int64');
