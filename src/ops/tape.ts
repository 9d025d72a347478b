/** What gradient rules emit with: a builder that knows the types of the graph being differentiated. */
import { unsupported } from '../errors.js';
import type { AttrInput } from '../ir/node.js';
import type { Dimension, Graph, TensorType, Value } from '../ir/types.js';
import { encode } from '../tensor/convert.js';
import { type DataType, dataTypes, isFloat, sizeOf } from '../tensor/dtype.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { Builder } from './builder.js';
import { constantsOf } from './constants.js';
import { padsEverywhere } from './pad-everywhere.js';
import { unbroadcast } from './unbroadcast.js';

/**
 * Appends to `g` the cotangents of `wrt` given those of values of `graph` (which may be a subgraph's body, whose forward nodes
 * stand before). Given by `grad`, so that rules of control flow can recurse.
 */
export type Backward = (
  g: Tape,
  graph: Graph,
  seeds: ReadonlyMap<Value, Value>,
  wrt: readonly Value[],
) => ReadonlyMap<Value, Value>;

export interface TapeOptions {
  readonly types: ReadonlyMap<Value, TensorType>;
  readonly taken: Iterable<string>;
  readonly backward: Backward;
  /** The tape of the enclosing graph, for a subgraph. */
  readonly outer?: Tape;
}

export class Tape extends Builder {
  readonly backward: Backward;
  readonly opsets: Graph['opsets'];
  readonly #outer: Tape | undefined;
  readonly #types: ReadonlyMap<Value, TensorType>;
  readonly #tensorOf: (value: Value) => Tensor | undefined;
  readonly #scattered = new Map<Value, (onto: Value) => Value>();

  constructor(graph: Graph, { types, taken, backward, outer }: TapeOptions) {
    super(taken, 'grad');
    this.opsets = graph.opsets;
    this.#outer = outer;
    this.#types = types;
    this.#tensorOf = constantsOf(graph).tensorOf;
    this.backward = backward;
  }

  /** A tape for a subgraph that is emitted here: what it emits is its own; names, types and constants are shared. */
  inner(body: Graph): Tape {
    return new Tape(body, { types: this.#types, taken: [], backward: this.backward, outer: this });
  }

  override ops(
    op: string,
    inputs: readonly (Value | null)[],
    outputs: number,
    attributes: Record<string, AttrInput | undefined> = {},
    domain = '',
  ): readonly Value[] {
    const [x, pads, fill, axes] = inputs;
    if (op !== 'Pad' || !x || !pads || !axes) return super.ops(op, inputs, outputs, attributes, domain);
    const all = padsEverywhere(this, x, pads, axes);
    return super.ops(op, fill ? [x, all, fill] : [x, all], outputs, attributes, domain);
  }

  override value(hint: string, type?: TensorType): Value {
    return this.#outer ? this.#outer.value(hint, type) : super.value(hint, type);
  }

  /** The type of a value of the graph, or of one emitted with a type. @throws UserError (exit 3) when it is not known. */
  type(x: Value): TensorType {
    const known = this.#types.get(x) ?? x.type;
    if (!known) throw unsupported(`value '${x.name}'`, 'expected a type, got none; the runtime could not infer it');
    return known;
  }

  dtype(x: Value): DataType {
    return this.type(x).dtype;
  }

  /** False for values whose type is not known: sequences, optionals. */
  isFloat(x: Value): boolean {
    const known = this.#types.get(x) ?? x.type;
    return known !== undefined && isFloat(known.dtype);
  }

  /** Whether a value is no tensor, as far as is known: a sequence, an optional. */
  isOpaque(x: Value): boolean {
    return !this.#types.has(x) && !x.type;
  }

  /** Sizes where known, else symbols or null; the rank is always known. */
  dims(x: Value): readonly Dimension[] {
    const { shape } = this.type(x);
    if (!shape) throw unsupported(`value '${x.name}'`, 'expected a known rank, got none');
    return shape;
  }

  rank(x: Value): number {
    return this.dims(x).length;
  }

  /** The rank, or undefined for what was emitted without a type. */
  knownRank(x: Value): number | undefined {
    return (this.#types.get(x) ?? x.type)?.shape?.length;
  }

  /** The size along an axis (negative ones count from the end), or undefined where it is not fixed. */
  size(x: Value, axis: number): number | undefined {
    const size = this.dims(x).at(axis);
    return typeof size === 'number' ? size : undefined;
  }

  /** All sizes, or undefined where one is not fixed. */
  sizes(x: Value): readonly number[] | undefined {
    const dims = this.dims(x);
    return dims.every((size): size is number => typeof size === 'number') ? dims : undefined;
  }

  /** The tensor of an initializer or Constant node. */
  tensorOf(x: Value | null | undefined): Tensor | undefined {
    return x ? (this.#tensorOf(x) ?? this.initializers.get(x) ?? this.#outer?.tensorOf(x)) : undefined;
  }

  /** A scalar in the element type of `x`. */
  num(x: Value, value: number): Value {
    return this.full(x, [], value);
  }

  /** A constant filled with `value`, in the element type of `x`. */
  full(x: Value, shape: readonly number[], value: number): Value {
    const dtype = this.dtype(x);
    const size = sizeOf(shape);
    // through float32, 0.1 in a float64 graph would be off in its eighth digit
    const isDouble = dtype === 'float64';
    const data = isDouble ? new Float64Array(size).fill(value) : encode(dtype, new Float32Array(size).fill(value));
    return this.constant(tensor(dtype, shape, data));
  }

  /** The shape as int64 [rank]: a constant where every size is fixed. */
  shapeOf(x: Value): Value {
    const sizes = this.sizes(x);
    return sizes ? this.ints(sizes) : this.op('Shape', [x]);
  }

  /** `value` in the shape of `x`, reshaped. */
  reshapeAs(value: Value, x: Value): Value {
    return this.op('Reshape', [value, this.shapeOf(x)], { allowzero: 1 });
  }

  /** Zeros in shape and type of `x`. */
  zerosLike(x: Value): Value {
    return this.op('Expand', [this.num(x, 0), this.shapeOf(x)]);
  }

  cast(x: Value, dtype: DataType): Value {
    return this.op('Cast', [x], { to: dataTypes[dtype].code });
  }

  neg(x: Value): Value {
    return this.op('Neg', [x]);
  }

  div(a: Value, b: Value): Value {
    return this.op('Div', [a, b]);
  }

  /** What `put` adds to zeros in the shape of `x`: a cotangent that `sum` later adds to another one where it lies. */
  scattered(x: Value, put: (onto: Value) => Value): Value {
    const value = put(this.zerosLike(x));
    this.#scattered.set(value, put);
    return value;
  }

  /** The sum of two cotangents of one value; what was scattered onto zeros is scattered onto the other one instead. */
  sum(a: Value, b: Value): Value {
    const [ofA, ofB] = [this.#scattered.get(a), this.#scattered.get(b)];
    if (ofB) return ofB(a);
    return ofA ? ofA(b) : this.add(a, b);
  }

  /**
   * Sums a cotangent over the axes along which `x` was broadcast to the shape of `y`.
   * @param d in the shape of `y`
   * @param other what `x` was broadcast against, where there is one: along its ones nothing can have been stretched
   */
  unbroadcast(d: Value, y: Value, x: Value, other?: Value): Value {
    return unbroadcast(this, d, y, x, other);
  }
}
