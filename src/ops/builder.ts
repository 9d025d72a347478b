/** Emits nodes: the one way new nodes come into being, for observers, losses, gradients and tests alike. */
import { type AttrInput, attrs } from '../ir/node.js';
import type { Graph, Node, TensorType, Value } from '../ir/types.js';
import { float32, int64, scalar, type Tensor } from '../tensor/tensor.js';

/**
 * Collects nodes and constants with fresh names. Its own methods use forms that mean the same from opset 13 to 21 (axes as inputs
 * for ReduceSum, Squeeze, Unsqueeze), or the form of the opset: `reduce`, as the axes of the other reductions moved in 18.
 */
export class Builder {
  readonly nodes: Node[] = [];
  readonly initializers = new Map<Value, Tensor>();
  readonly #taken: Set<string>;
  readonly #prefix: string;
  readonly #opset: number;
  #count = 0;

  /**
   * @param taken names that must not be used again; @param prefix starts every emitted name; @param opset that the nodes are
   * for, 13 at least; default: that of working copies.
   */
  constructor(taken: Iterable<string> = [], prefix = 'scalpel', opset = 21) {
    this.#taken = new Set(taken);
    this.#prefix = prefix;
    this.#opset = opset;
  }

  /** A new value with a name nobody has. */
  value(hint: string, type?: TensorType): Value {
    let name = `${this.#prefix}/${hint}`;
    while (this.#taken.has(name)) name = `${this.#prefix}/${hint}_${this.#count++}`;
    this.#taken.add(name);
    return type ? { name, type } : { name };
  }

  /** Appends a node with one output and returns it. */
  op(op: string, inputs: readonly (Value | null)[], attributes: Record<string, AttrInput | undefined> = {}): Value {
    return this.ops(op, inputs, 1, attributes)[0] as Value;
  }

  /** Appends a node with several outputs. */
  ops(
    op: string,
    inputs: readonly (Value | null)[],
    outputs: number,
    attributes: Record<string, AttrInput | undefined> = {},
    domain = '',
  ): readonly Value[] {
    const made = Array.from({ length: outputs }, () => this.value(op));
    this.nodes.push({ name: (made[0] as Value).name, op, domain, inputs, outputs: made, attrs: attrs(attributes) });
    return made;
  }

  constant(t: Tensor, hint = 'constant'): Value {
    const value = this.value(hint, { dtype: t.dtype, shape: t.shape });
    this.initializers.set(value, t);
    return value;
  }

  scalar(value: number, dtype: 'float32' | 'float64' = 'float32'): Value {
    return this.constant(scalar(value, dtype));
  }

  floats(values: ArrayLike<number>, shape: readonly number[] = [values.length]): Value {
    return this.constant(float32(shape, Float32Array.from(values)));
  }

  ints(values: readonly number[]): Value {
    return this.constant(int64([values.length], values));
  }

  add(a: Value, b: Value): Value {
    return this.op('Add', [a, b]);
  }

  sub(a: Value, b: Value): Value {
    return this.op('Sub', [a, b]);
  }

  mul(a: Value, b: Value): Value {
    return this.op('Mul', [a, b]);
  }

  matmul(a: Value, b: Value): Value {
    return this.op('MatMul', [a, b]);
  }

  transpose(x: Value, perm: readonly number[]): Value {
    return this.op('Transpose', [x], { perm });
  }

  /** Sizes may be 0 (copied) or -1 (inferred), as in ONNX. */
  reshape(x: Value, shape: readonly number[]): Value {
    return this.op('Reshape', [x, this.ints(shape)]);
  }

  reduceSum(x: Value, axes: readonly number[], keepdims = false): Value {
    return this.op('ReduceSum', [x, this.ints(axes)], { keepdims: keepdims ? 1 : 0 });
  }

  reduce(
    op: 'ReduceMax' | 'ReduceMin' | 'ReduceMean' | 'ReduceSumSquare' | 'ReduceLogSumExp',
    x: Value,
    axes: readonly number[],
    keepdims = false,
  ): Value {
    const form = { keepdims: keepdims ? 1 : 0 };
    return this.#opset < 18 ? this.op(op, [x], { axes, ...form }) : this.op(op, [x, this.ints(axes)], form);
  }

  concat(values: readonly Value[], axis: number): Value {
    return this.op('Concat', values, { axis });
  }

  slice(x: Value, starts: readonly number[], ends: readonly number[], axes: readonly number[]): Value {
    return this.op('Slice', [x, this.ints(starts), this.ints(ends), this.ints(axes)]);
  }

  unsqueeze(x: Value, axes: readonly number[]): Value {
    return this.op('Unsqueeze', [x, this.ints(axes)]);
  }

  squeeze(x: Value, axes: readonly number[]): Value {
    return this.op('Squeeze', [x, this.ints(axes)]);
  }

  /** `graph` with the emitted nodes and constants appended, and `outputs` added to its outputs. */
  appendTo(graph: Graph, outputs: readonly Value[] = []): Graph {
    return {
      ...graph,
      nodes: [...graph.nodes, ...this.nodes],
      initializers: new Map([...graph.initializers, ...this.initializers]),
      outputs: [...graph.outputs, ...outputs],
    };
  }
}

/** A builder whose names collide with nothing in `graph` or its subgraphs. */
export const builderFor = (graph: Graph, prefix?: string): Builder =>
  new Builder(namesIn(graph), prefix, graph.opsets.get(''));

/** Every name in use, in subgraphs too. */
export function* namesIn(graph: Graph): Generator<string> {
  for (const value of graph.inputs) yield value.name;
  for (const value of graph.initializers.keys()) yield value.name;
  for (const node of graph.nodes) {
    yield node.name;
    for (const value of node.outputs) if (value) yield value.name;
    for (const attr of Object.values(node.attrs)) {
      if (attr.kind === 'graph') yield* namesIn(attr.value);
      if (attr.kind === 'graphs') for (const body of attr.value) yield* namesIn(body);
    }
  }
}
