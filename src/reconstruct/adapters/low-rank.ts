/** Adapters that move a product of two thin matrices for each layer: what is common to them. */
import { UserError, unsupported } from '../../errors.js';
import type { Graph, Value } from '../../ir/types.js';
import { Builder, builderFor } from '../../ops/builder.js';
import type { Layer } from '../../ops/layers.js';
import { substitute } from '../../rewrite/substitute.js';
import { type CompileOptions, withProgram } from '../../runtime/program.js';
import { random } from '../../tensor/random.js';
import { float32, type Tensor } from '../../tensor/tensor.js';
import type { LowRank } from '../solver.js';
import { underMask } from '../under-mask.js';
import type { Adapted, Adapter, Merged, Scene } from './adapter.js';

export interface LowRankOptions {
  /** Of the product; at most the smaller side of a matrix is taken. Default 16. */
  readonly rank?: number;
  /** The product counts alpha / rank times. Default 32. */
  readonly alpha?: number;
}

/** What a formula is made of, all in the shape of the stored weight. */
export interface Parts {
  /** Masked. */
  readonly weight: Value;
  /** 1 where kept. */
  readonly mask: Value;
  /** B A. */
  readonly product: Value;
  /** alpha / rank · B A. */
  readonly scaled: Value;
}

export interface LowRankMethod extends Pick<Adapter, 'name' | 'description' | 'paper' | 'staysBeside'> {
  /** What B A is at the start: nothing, or ones everywhere. */
  readonly start: 'zeros' | 'ones';
  /** The weight that the region computes with. */
  weight(g: Builder, parts: Parts): Value;
  /** The weight that it is given in the end, where that is another; what the mask removes is zero in any case. */
  merged?(g: Builder, parts: Parts): Value;
  /** Why a layer cannot be adapted; absent: every layer can. */
  refuses?(layer: Layer): string | null;
}

/** @throws UserError for a rank below 1; its `adapt`, unsupported, for a layer that the method refuses. */
export const lowRank =
  (method: LowRankMethod) =>
  ({ rank = 16, alpha = 32 }: LowRankOptions = {}): Adapter => {
    const { name, description, paper, staysBeside } = method;
    if (!(Number.isInteger(rank) && rank >= 1)) throw new UserError(name, `expected a rank of at least 1, got ${rank}`);
    if (!Number.isFinite(alpha)) throw new UserError(name, `expected a finite alpha, got ${alpha}`);
    return {
      name,
      description,
      paper,
      ...(staysBeside !== undefined && { staysBeside }),
      adapt: (scene) => adapt(method, scene, rank, alpha / rank),
    };
  };

/** A layer with its two matrices. */
interface Pair {
  readonly layer: Layer;
  /** What `region` holds. */
  readonly stored: Tensor;
  readonly mask: Tensor | undefined;
  /** [stacks, rank, columns] */
  readonly a: Value;
  /** [stacks, rows, rank] */
  readonly b: Value;
}

function adapt(method: LowRankMethod, scene: Scene, rank: number, scale: number): Adapted {
  const { graph, layers, masks, parameters, seed } = scene;
  const g = builderFor(graph, method.name);
  const pairs = layers
    .filter(({ weight }) => parameters.includes(weight))
    .map((layer): Pair => {
      const reason = method.refuses?.(layer);
      if (reason) throw unsupported(`${method.name} '${layer.name}'`, reason);
      const stored = graph.initializers.get(layer.weight) as Tensor;
      return { layer, stored, mask: masks.get(layer.weight), ...matricesOf(g, layer, method.start, rank, seed) };
    });
  const computed = new Map(pairs.map((pair) => [pair.layer.weight, method.weight(g, partsOf(g, pair, scale))]));
  return {
    graph: withComputed(graph, computed, g),
    trained: pairs.flatMap(({ a, b }) => [a, b]),
    masks: new Map(),
    isExact: method.merged === undefined,
    merge: (trained, engine) =>
      method.staysBeside === undefined
        ? mergedInto(method, pairs, graph, scale, trained, engine)
        : Promise.resolve({ weights: new Map(), added: beside(pairs, scale, trained) }),
  };
}

/** A drawn and B zero, so that their product is; or both constant, so that it is one everywhere. */
function matricesOf(g: Builder, { name, layout }: Layer, start: LowRankMethod['start'], rank: number, seed: number) {
  const { stacks, rows, columns } = layout;
  const own = Math.min(rank, rows, columns);
  const a = new Float32Array(stacks * own * columns);
  const b = new Float32Array(stacks * rows * own);
  if (start === 'ones') {
    a.fill(1 / Math.sqrt(own));
    b.fill(1 / Math.sqrt(own));
  } else {
    // Kaiming's uniform for linear maps, as published code draws it
    const bound = 1 / Math.sqrt(columns);
    a.set(
      random(seed, `A of ${name}`)
        .uniforms(a.length)
        .map((u) => (2 * u - 1) * bound),
    );
  }
  return {
    a: g.constant(float32([stacks, own, columns], a), `${name}/A`),
    b: g.constant(float32([stacks, rows, own], b), `${name}/B`),
  };
}

function partsOf(g: Builder, { layer, stored, mask, a, b }: Pair, scale: number): Parts {
  const { view, perm } = layer.layout;
  const lying = g.reshape(
    g.matmul(b, a),
    perm.map((axis) => view[axis]!),
  );
  const isSame = perm.every((axis, i) => axis === i);
  const standing = isSame
    ? lying
    : g.transpose(
        lying,
        perm.map((_, axis) => perm.indexOf(axis)),
      );
  const product = g.reshape(standing, stored.shape);
  const ones = (): Tensor => float32(stored.shape, new Float32Array(layer.positions).fill(1));
  return {
    weight: g.constant(underMask(stored, mask), `${layer.name}/weight`),
    mask: g.constant(mask ?? ones(), `${layer.name}/mask`),
    product,
    scaled: g.mul(product, g.scalar(scale)),
  };
}

/** `graph` with computed values in the place of weights. */
function withComputed(graph: Graph, computed: ReadonlyMap<Value, Value>, g: Builder): Graph {
  const initializers = new Map([...graph.initializers].filter(([value]) => !computed.has(value)));
  const open = substitute({ ...graph, initializers }, (value) => computed.get(value) ?? value);
  return {
    ...open,
    nodes: [...g.nodes, ...open.nodes],
    initializers: new Map([...open.initializers, ...g.initializers]),
  };
}

/** The weights, computed by the nodes that the region computed them by. */
async function mergedInto(
  { name, weight, merged = weight }: LowRankMethod,
  pairs: readonly Pair[],
  region: Graph,
  scale: number,
  trained: ReadonlyMap<string, Tensor>,
  engine: CompileOptions,
): Promise<Merged> {
  const g = new Builder([], name);
  const computed = pairs.map((pair): [Value, Value] => {
    const [a, b] = [pair.a, pair.b].map((value) => g.constant(trained.get(value.name) as Tensor));
    return [pair.layer.weight, merged(g, partsOf(g, { ...pair, a: a!, b: b! }, scale))];
  });
  const outputs = computed.map(([, value]) => value);
  const graph: Graph = { ...region, inputs: [], outputs, nodes: g.nodes, initializers: g.initializers };
  const found = await withProgram(graph, engine, (program) => program.run(new Map()));
  const masks = new Map(pairs.map(({ layer, mask }) => [layer.weight, mask]));
  const weights = computed.map(([own, value]): [Value, Tensor] => [own, underMask(found.get(value)!, masks.get(own))]);
  return { weights: new Map(weights), added: new Map() };
}

function beside(pairs: readonly Pair[], scale: number, trained: ReadonlyMap<string, Tensor>): Map<Value, LowRank> {
  return new Map(
    pairs.map(({ layer: { weight }, a, b }) => {
      const [A, B] = [a, b].map(({ name }) => trained.get(name) as Tensor);
      return [weight, { A: A!, B: B!, scale }];
    }),
  );
}
