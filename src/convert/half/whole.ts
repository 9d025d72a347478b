/** A graph that computes in half precision: values and types, with Casts around what stays in float32. */
import { consumers, reads } from '../../ir/graph.js';
import type { Graph, Model, Node, TensorType, Value } from '../../ir/types.js';
import { substituteNode } from '../../rewrite/substitute.js';
import type { DataType } from '../../tensor/dtype.js';
import { float32, scalar, type Tensor } from '../../tensor/tensor.js';
import { isConstant, type NodeChoice } from './choose-nodes.js';
import { FreshNames } from './fresh-names.js';
import { type HalfType, halved } from './halve.js';
import { castNode, type HalfModel } from './weights-only.js';

export interface WholeOptions {
  readonly to: HalfType;
  readonly choice: NodeChoice;
  /** Inputs and outputs of the model: as they are, or in half precision too. */
  readonly io: 'keep' | 'convert';
  typeOf(value: Value): DataType | undefined;
}

export function wholeInHalf(model: Model, options: WholeOptions): HalfModel {
  const halves = new Map<string, Tensor>();
  const graph = new Rewriting(model.graph, options, halves, model.irVersion < 4).graph;
  return { model: { ...model, graph }, halves };
}

/** Every value of float32 is made in one precision, and cast to the other where a node reads that. */
class Rewriting {
  readonly #names: FreshNames;
  readonly #readers: ReadonlyMap<Value, readonly Node[]>;
  /** What each value has become, in the precision that it is made in. */
  readonly #made = new Map<Value, { readonly value: Value; readonly dtype: HalfType | 'float32' }>();
  readonly #casts = new Map<Value, Value>();
  #nodes: Node[] = [];

  constructor(
    readonly source: Graph,
    readonly options: WholeOptions,
    readonly halves: Map<string, Tensor>,
    readonly isOld: boolean,
  ) {
    this.#names = new FreshNames(source);
    this.#readers = consumers(source);
  }

  get graph(): Graph {
    const { source } = this;
    for (const value of source.inputs) this.#input(value);
    const initializers = new Map([...source.initializers].map(([value, t]) => this.#initializer(value, t)));
    const ends = new Set(source.outputs);
    for (const node of source.nodes) this.#nodes.push(this.#node(node, ends));
    const outputs = source.outputs.map((value) => this.#output(value));
    const inputs = source.inputs.map((value) => this.#made.get(value)?.value ?? value);
    return { ...source, inputs, outputs, nodes: this.#nodes, initializers };
  }

  #input(value: Value): void {
    if (!this.#isFloat(value) || this.source.initializers.has(value)) return;
    this.#becomes(value, this.options.io === 'convert' ? this.options.to : 'float32');
  }

  #initializer(value: Value, t: Tensor): [Value, Tensor] {
    if (t.dtype !== 'float32') return [value, t];
    const isOpen = !this.isOld && this.source.inputs.includes(value);
    if (isOpen || t.storage || !this.#isReadInHalf(value)) {
      this.#made.set(value, { value, dtype: 'float32' });
      return [value, t];
    }
    this.halves.set(value.name, t);
    return [this.#becomes(value, this.options.to), halved(t, this.options.to)];
  }

  /** Whether nothing that stays in float32 would read it rounded. */
  #isReadInHalf(value: Value): boolean {
    const readers = this.#readers.get(value) ?? [];
    const { choice } = this.options;
    const isRead = readers.length > 0 && readers.every((node) => choice.halves.has(node));
    return isRead && !this.source.outputs.includes(value);
  }

  #node(node: Node, ends: ReadonlySet<Value>): Node {
    if (isConstant(node)) return this.#constant(node, ends);
    const half = this.options.choice.halves.get(node);
    const wanted = half ? this.options.to : 'float32';
    const fed = new Map(reads(node).map((value) => [value, this.#read(value, wanted)]));
    const types = half?.types ?? node.outputs.map((value) => value && this.options.typeOf(value));
    const outputs = node.outputs.map((value, i) => value && this.#define(value, types[i] ?? undefined, ends));
    const read = substituteNode(half?.node ?? node, (value) => fed.get(value) ?? value);
    const isSame = outputs.every((value, i) => value === read.outputs[i]);
    return isSame ? read : { ...read, outputs };
  }

  #constant(node: Node, ends: ReadonlySet<Value>): Node {
    const [value] = node.outputs;
    const t = value && this.#isFloat(value) ? floatsOfConstant(node) : undefined;
    if (!value || !t || !this.#isReadInHalf(value)) {
      if (value && this.#isFloat(value)) this.#define(value, 'float32', ends);
      return node;
    }
    this.halves.set(value.name, t);
    const { to } = this.options;
    const outputs = [this.#becomes(value, to)];
    return { ...node, outputs, attrs: { value: { kind: 'tensor', value: halved(t, to) } } };
  }

  /** The value that a node makes; one that the model answers with keeps its name for the end. */
  #define(value: Value, dtype: DataType | undefined, ends: ReadonlySet<Value>): Value {
    if (!this.#isFloat(value)) return value;
    const made = dtype === this.options.to ? this.options.to : 'float32';
    const wanted = this.options.io === 'convert' ? this.options.to : 'float32';
    if (!ends.has(value) || made === wanted) return this.#becomes(value, made);
    return this.#becomes(value, made, this.#names.after(value.name, made));
  }

  #becomes(value: Value, dtype: HalfType | 'float32', name = value.name): Value {
    const isSame = dtype === 'float32' && name === value.name;
    const next = isSame ? value : { name, ...(value.type && { type: retyped(value.type, dtype) }) };
    this.#made.set(value, { value: next, dtype });
    return next;
  }

  /** The value in the precision that its reader takes, cast once for all that do. */
  #read(value: Value, wanted: HalfType | 'float32'): Value {
    const known = this.#made.get(value);
    if (!known || known.dtype === wanted) return known?.value ?? value;
    const cast = this.#casts.get(value);
    if (cast) return cast;
    const name = this.#names.after(value.name, wanted);
    const made: Value = { name, ...(value.type && { type: retyped(value.type, wanted) }) };
    this.#casts.set(value, made);
    this.#nodes.push(castNode(known.value, made, wanted));
    return made;
  }

  #output(value: Value): Value {
    const known = this.#made.get(value);
    if (!known) return value;
    if (known.value.name === value.name) return known.value;
    const wanted = this.options.io === 'convert' ? this.options.to : 'float32';
    const last: Value = { name: value.name, ...(value.type && { type: retyped(value.type, wanted) }) };
    this.#nodes.push(castNode(known.value, last, wanted, this.#names.after(value.name, 'cast')));
    return last;
  }

  #isFloat(value: Value): boolean {
    return this.options.typeOf(value) === 'float32';
  }
}

const retyped = (type: TensorType, dtype: DataType): TensorType => ({ ...type, dtype });

/** A Constant says its numbers in one of three ways. */
function floatsOfConstant({ attrs: { value, value_float: one, value_floats: list } }: Node): Tensor | undefined {
  if (value?.kind === 'tensor') return value.value;
  if (one?.kind === 'float') return scalar(one.value);
  return list?.kind === 'floats' ? float32([list.value.length], Float32Array.from(list.value)) : undefined;
}
