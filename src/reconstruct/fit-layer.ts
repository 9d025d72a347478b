/** The least squares of one layer, matrix by matrix of its stack. */
import type { Graph, Value } from '../ir/types.js';
import { type Linalg, NotPositiveDefinite } from '../linalg/index.js';
import type { Layer } from '../ops/layers.js';
import { fromMatrices, toMatrices } from '../ops/layout.js';
import { floatsOf } from '../tensor/convert.js';
import { float32, type Tensor } from '../tensor/tensor.js';
import { contract, extend } from './extended.js';
import { biasOf, type LayerBias } from './layer-bias.js';
import { type NormalEquations, normalEquations } from './normal-equations.js';
import { type SolveOptions, solveOnSupports } from './on-supports.js';
import type { RegionTask } from './solver.js';
import { underMask } from './under-mask.js';
import { usesWithin } from './uses-within.js';

export interface LayerFitOptions {
  /** Relative to the mean diagonal of the Gram matrix. */
  readonly ridge: number;
  readonly biases: boolean;
  readonly linalg: Linalg;
}

/** The weight, and the bias where it moves too, as they are stored. */
export async function fitLayer(
  task: RegionTask,
  layer: Layer,
  options: LayerFitOptions,
): Promise<ReadonlyMap<Value, Tensor>> {
  const bias = options.biases ? biasOf(task, layer) : undefined;
  const support = supportOf(task, layer, bias);
  const start = heldBy(task.graph, layer, bias).map((values, stack) =>
    values.map((value, i) => (support[stack]![i] === 1 ? value : 0)),
  );
  const dense = heldBy(task.dense, layer, bias);
  const within = { ...layer, uses: usesWithin(task.graph, layer) };
  const systems = await normalEquations(task, within, start, dense, bias, options.linalg);
  const moved: Float64Array[] = [];
  for (const [stack, system] of systems.entries()) {
    const move = await bestMove(task, layer, system, support[stack]!, stack, options);
    moved.push(move.map((value, i) => value + start[stack]![i]!));
  }
  return weightsOf(task, layer, bias, moved);
}

/** Weights as the graph has them, with the bias as their last column. */
function heldBy({ initializers }: Graph, { weight, layout }: Layer, bias: LayerBias | undefined): Float64Array[] {
  const matrices = toMatrices(layout, floatsOf(initializers.get(weight)!));
  return extend(layout, matrices, bias && floatsOf(initializers.get(bias.value)!));
}

/** 1 where a weight is kept; biases always are. */
function supportOf(
  { masks }: RegionTask,
  { weight, layout, positions }: Layer,
  bias: LayerBias | undefined,
): Uint8Array[] {
  const mask = masks.get(weight);
  const kept = mask ? toMatrices(layout, floatsOf(mask)) : new Float32Array(positions).fill(1);
  const whole = extend(layout, kept, bias && new Float32Array(layout.stacks * layout.rows).fill(1));
  return whole.map((values) => Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)));
}

/** What the weights of one matrix of the stack should move by. A Gram matrix without a factor gets ten times the ridge, and again. */
async function bestMove(
  task: RegionTask,
  { layout: { stacks, rows, columns } }: Layer,
  system: NormalEquations,
  support: Uint8Array,
  stack: number,
  { ridge, linalg }: LayerFitOptions,
): Promise<Float64Array> {
  const { signal, onProgress } = task;
  const options: SolveOptions = {
    linalg,
    ...(signal && { signal }),
    ...(onProgress && { onRows: (done) => onProgress(stack * rows + done, stacks * rows) }),
  };
  for (let added = ridge; ; added = added === 0 ? 1e-12 : added * 10) {
    try {
      const { matrix, free } = damped(system, columns, support, added);
      return await solveOnSupports({ matrix, n: system.unknowns, right: system.pull, rows, support: free }, options);
    } catch (error) {
      if (!(error instanceof NotPositiveDefinite) || added > 1e5) throw error;
    }
  }
}

/** The Gram matrix with its ridge, and the support without inputs that are always zero; a bias has no ridge. */
function damped(
  { gram, unknowns: n }: NormalEquations,
  columns: number,
  support: Uint8Array,
  ridge: number,
): { matrix: Float64Array; free: Uint8Array } {
  const isDead = Array.from({ length: n }, (_, j) => !(gram[j * n + j]! > 0));
  const live = Array.from({ length: columns }, (_, j) => j).filter((j) => !isDead[j]);
  const mean = live.reduce((sum, j) => sum + gram[j * n + j]!, 0) / (live.length || 1);
  const matrix = gram.slice();
  for (const j of live) matrix[j * n + j]! += ridge * mean;
  isDead.forEach((dead, j) => {
    if (dead) matrix[j * n + j] = 1;
  });
  return { matrix, free: support.map((kept, i) => (isDead[i % n] ? 0 : kept)) };
}

function weightsOf(
  { graph, masks }: RegionTask,
  { weight, layout }: Layer,
  bias: LayerBias | undefined,
  moved: readonly Float64Array[],
): Map<Value, Tensor> {
  const { matrices, last } = contract(layout, moved);
  const shaped = (value: Value, data: Float32Array): Tensor => float32(graph.initializers.get(value)!.shape, data);
  return new Map([
    [weight, underMask(shaped(weight, fromMatrices(layout, matrices)), masks.get(weight))],
    ...(bias ? [[bias.value, shaped(bias.value, last)] as const] : []),
  ]);
}
