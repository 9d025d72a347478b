/** A language model of two blocks with random weights, in the forms in which exporters write such models. */
import type { Graph, Node, Value } from '../../src/ir/types.js';
import { Builder } from '../../src/ops/builder.js';
import { tensorOf } from '../../src/tensor/convert.js';
import { type DataType, sizeOf } from '../../src/tensor/dtype.js';
import { random } from '../../src/tensor/random.js';
import { float32, int64, type Tensor } from '../../src/tensor/tensor.js';

export const sizes = { width: 16, heads: 2, hidden: 32, vocabulary: 32, length: 16 } as const;

/** Emits `x` times a weight [inputs, outputs]; `hold` stores a tensor in the outer graph, once however often it is asked for. */
export type Linear = (g: Builder, x: Value, weight: Tensor, hold: (t: Tensor) => Value) => Value;

export interface GptForm {
  /** Of weights, activations and logits. */
  readonly dtype?: DataType;
  readonly opset?: number;
  readonly linear?: Linear;
  /** All blocks read the same initializers. */
  readonly isShared?: boolean;
  /** The head is the transposed embedding. */
  readonly isTied?: boolean;
  /** Takes `past_key_values.*`, `attention_mask` and `position_ids`, and gives `present.*`. */
  readonly hasCache?: boolean;
  /** With a cache: an If on `use_cache_branch` whose branches hold all blocks and capture the weights. */
  readonly isMerged?: boolean;
}

export const plain: Linear = (g, x, weight, hold) => g.matmul(x, hold(weight));

export function tinyGpt(form: GptForm = {}): Graph {
  const parts = new Parts(form);
  const { g, inputs } = parts;
  const hidden = form.isMerged ? emitMerged(parts) : emitTrunk(parts, g, parts.pasts);
  const logits: Value = {
    name: 'logits',
    type: { dtype: parts.dtype, shape: ['batch_size', 'sequence_length', sizes.vocabulary] },
  };
  const head = form.isTied ? g.transpose(parts.hold(parts.embedding), [1, 0]) : parts.hold(parts.head);
  g.nodes.push(nodeOf('MatMul', [hidden.x, head], [logits]));
  return {
    name: 'tiny',
    inputs,
    outputs: [logits, ...hidden.presents],
    nodes: g.nodes,
    initializers: g.initializers,
    opsets: new Map([
      ['', form.opset ?? 17],
      ['com.microsoft', 1],
    ]),
    functions: [],
  };
}

interface Hidden {
  readonly x: Value;
  readonly presents: readonly Value[];
}

interface BlockWeights {
  readonly norms: readonly [Tensor, Tensor];
  readonly query: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
  readonly output: Tensor;
  readonly up: Tensor;
  readonly down: Tensor;
}

const blocks = 2;
const headSize = sizes.width / sizes.heads;

/** What all forms share: inputs, weights and how they are stored. */
class Parts {
  readonly g = new Builder([], 'n');
  readonly dtype: DataType;
  readonly linear: Linear;
  readonly ids: Value = { name: 'input_ids', type: { dtype: 'int64', shape: ['batch_size', 'sequence_length'] } };
  readonly mask: Value = {
    name: 'attention_mask',
    type: { dtype: 'int64', shape: ['batch_size', 'total_sequence_length'] },
  };
  readonly positions: Value = {
    name: 'position_ids',
    type: { dtype: 'int64', shape: ['batch_size', 'sequence_length'] },
  };
  readonly useCache: Value = { name: 'use_cache_branch', type: { dtype: 'bool', shape: [1] } };
  readonly pasts: readonly Value[];
  readonly inputs: readonly Value[];
  readonly embedding: Tensor;
  readonly table: Tensor;
  readonly head: Tensor;
  readonly blocks: readonly BlockWeights[];
  readonly hasCache: boolean;
  readonly #held = new Map<Tensor, Value>();
  #count = 0;

  constructor({ dtype = 'float32', linear = plain, isShared = false, hasCache = false, isMerged = false }: GptForm) {
    this.dtype = dtype;
    this.linear = linear;
    this.hasCache = hasCache || isMerged;
    this.pasts = this.hasCache ? this.cacheValues('past_key_values', 'past_sequence_length') : [];
    this.inputs = [
      this.ids,
      ...(this.hasCache ? [this.mask, this.positions, ...this.pasts] : []),
      ...(isMerged ? [this.useCache] : []),
    ];
    this.embedding = this.random(sizes.vocabulary, sizes.width);
    this.table = this.random(sizes.length, sizes.width);
    this.head = this.random(sizes.width, sizes.vocabulary);
    const first = this.blockWeights();
    this.blocks = Array.from({ length: blocks }, (_, i) => (isShared || i === 0 ? first : this.blockWeights()));
  }

  hold = (t: Tensor): Value => {
    const known = this.#held.get(t) ?? this.g.constant(t, 'weight');
    this.#held.set(t, known);
    return known;
  };

  cacheValues = (name: string, length: string): Value[] =>
    Array.from({ length: blocks }).flatMap((_, i) =>
      ['key', 'value'].map((kind) => ({
        name: `${name}.${i}.${kind}`,
        type: { dtype: this.dtype, shape: ['batch_size', sizes.heads, length, headSize] },
      })),
    );

  /** In the model's type. */
  floats = (shape: readonly number[], values: Float32Array): Tensor => tensorOf(this.dtype, shape, values);

  scalar = (g: Builder, value: number): Value => g.constant(this.floats([], Float32Array.of(value)));

  random(...shape: number[]): Tensor {
    const values = random(5, `weight ${this.#count++}`).normals(sizeOf(shape));
    return this.floats(
      shape,
      values.map((x) => x * 0.3),
    );
  }

  blockWeights(): BlockWeights {
    const { width, hidden } = sizes;
    const ones = (): Tensor => this.floats([width], new Float32Array(width).fill(1));
    const square = (): Tensor => this.random(width, width);
    return {
      norms: [ones(), ones()],
      query: square(),
      key: square(),
      value: square(),
      output: square(),
      up: this.random(width, hidden),
      down: this.random(hidden, width),
    };
  }
}

function emitTrunk(parts: Parts, g: Builder, pasts: readonly Value[]): Hidden {
  const { ids, mask, positions, hasCache } = parts;
  const places = hasCache ? positions : g.op('Range', [scalarInt(g, 0), lengthOf(g, ids, 1), scalarInt(g, 1)]);
  let x = g.add(
    g.op('Gather', [parts.hold(parts.embedding), ids], { axis: 0 }),
    g.op('Gather', [parts.hold(parts.table), places], { axis: 0 }),
  );
  const padding = hasCache ? paddingOf(parts, g, mask) : undefined;
  const presents: Value[] = [];
  parts.blocks.forEach((weights, i) => {
    const cache = pasts.slice(2 * i, 2 * i + 2);
    const made = attention(parts, g, norm(parts, g, x, weights.norms[0]), weights, cache, padding);
    presents.push(...made.presents);
    const s = g.add(x, made.x);
    const inner = g.op('Relu', [parts.linear(g, norm(parts, g, s, weights.norms[1]), weights.up, parts.hold)]);
    x = g.add(s, parts.linear(g, inner, weights.down, parts.hold));
  });
  if (!hasCache) return { x, presents: [] };
  const named = parts.cacheValues('present', 'total_sequence_length');
  for (const [i, value] of named.entries()) g.nodes.push(nodeOf('Identity', [presents[i]!], [value]));
  return { x, presents: named };
}

/** Both branches emit the same blocks; the first step's ignores the past. */
function emitMerged(parts: Parts): Hidden {
  const branch = (pasts: readonly Value[], prefix: string): Graph => {
    const g = new Builder([], prefix);
    const { x, presents } = emitTrunk(parts, g, pasts);
    const outputs = [x, ...presents];
    return {
      name: prefix,
      inputs: [],
      outputs,
      nodes: g.nodes,
      initializers: g.initializers,
      opsets: new Map(),
      functions: [],
    };
  };
  const { g } = parts;
  const x = g.value('hidden');
  const presents = parts.cacheValues('present', 'total_sequence_length');
  g.nodes.push({
    ...nodeOf('If', [parts.useCache], [x, ...presents]),
    attrs: {
      then_branch: { kind: 'graph', value: renamed(branch(parts.pasts, 'then')) },
      else_branch: { kind: 'graph', value: renamed(branch([], 'else')) },
    },
  });
  return { x, presents };
}

/** A branch whose outputs are called otherwise than the If's, as ONNX asks. */
function renamed(branch: Graph): Graph {
  const to = new Map(branch.outputs.map((value) => [value, { ...value, name: `${branch.name}/out/${value.name}` }]));
  const swap = (value: Value | null): Value | null => (value && to.get(value)) ?? value;
  return {
    ...branch,
    outputs: branch.outputs.map((value) => to.get(value)!),
    nodes: branch.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(swap),
      outputs: node.outputs.map(swap),
    })),
  };
}

function attention(
  parts: Parts,
  g: Builder,
  x: Value,
  { query, key, value, output }: BlockWeights,
  [pastKey, pastValue]: readonly Value[],
  padding: Value | undefined,
): Hidden {
  const split = (weight: Tensor): Value =>
    g.transpose(g.reshape(parts.linear(g, x, weight, parts.hold), [0, 0, sizes.heads, headSize]), [0, 2, 1, 3]);
  const q = split(query);
  const k = pastKey ? g.concat([pastKey, split(key)], 2) : split(key);
  const v = pastValue ? g.concat([pastValue, split(value)], 2) : split(value);
  const scores = g.mul(g.matmul(q, g.transpose(k, [0, 1, 3, 2])), parts.scalar(g, headSize ** -0.5));
  const masked = g.add(scores, causal(parts, g, k));
  const weights = g.op('Softmax', [padding ? g.add(masked, padding) : masked], { axis: -1 });
  const joined = g.reshape(g.transpose(g.matmul(weights, v), [0, 2, 1, 3]), [0, 0, sizes.width]);
  return { x: parts.linear(g, joined, output, parts.hold), presents: [k, v] };
}

/** Minus infinity above the diagonal, cut from a stored table. */
function causal(parts: Parts, g: Builder, keys: Value): Value {
  const { length } = sizes;
  const values = Float32Array.from({ length: length * length }, (_, i) =>
    i % length > Math.floor(i / length) ? Number.NEGATIVE_INFINITY : 0,
  );
  const total = shapeAt(g, keys, 2);
  const start = g.sub(total, shapeAt(g, parts.ids, 1));
  const rows = g.op('Slice', [parts.hold(tableOf(parts, values)), start, total, g.ints([0])]);
  return g.op('Slice', [rows, g.ints([0]), total, g.ints([1])]);
}

const tables = new WeakMap<Parts, Tensor>();

function tableOf(parts: Parts, values: Float32Array): Tensor {
  const known = tables.get(parts) ?? parts.floats([sizes.length, sizes.length], values);
  tables.set(parts, known);
  return known;
}

function paddingOf(parts: Parts, g: Builder, mask: Value): Value {
  const kept = g.op('Cast', [mask], { to: codeOf[parts.dtype as keyof typeof codeOf] });
  return g.unsqueeze(g.mul(g.sub(parts.scalar(g, 1), kept), parts.scalar(g, -1000)), [1, 2]);
}

const codeOf = { float32: 1, float16: 10, bfloat16: 16 } as const;

const norm = ({ hold }: Parts, g: Builder, x: Value, scale: Tensor): Value =>
  g.op('LayerNormalization', [x, hold(scale)], { axis: -1 });

const shapeAt = (g: Builder, x: Value, axis: number): Value => g.slice(g.op('Shape', [x]), [axis], [axis + 1], [0]);

const lengthOf = (g: Builder, x: Value, axis: number): Value => g.squeeze(shapeAt(g, x, axis), [0]);

const nodeOf = (op: string, inputs: readonly Value[], outputs: readonly Value[]): Node => ({
  name: outputs[0]!.name,
  op,
  domain: '',
  inputs,
  outputs,
  attrs: {},
});

/** Token ids [windows, length]. */
export const tinyTokens = (windows = 6): Tensor =>
  int64(
    [windows, sizes.length],
    Array.from({ length: windows * sizes.length }, (_, i) => random(9, 'tokens').integer(i, sizes.vocabulary)),
  );

/** Standard normal numbers. */
export const normals = (shape: readonly number[], stream = 'x'): Tensor =>
  float32(shape, random(11, stream).normals(sizeOf(shape)));

const scalarInt = (g: Builder, value: number): Value => g.constant(int64([], [value]));
