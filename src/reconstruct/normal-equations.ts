/** The normal equations of a layer: what its inputs say about how its weights should move. */
import { type CrossStatistics, observeCross } from '../calibrate/cross-gram.js';
import { observe } from '../calibrate/observe.js';
import type { Graph, Value } from '../ir/types.js';
import type { Linalg } from '../linalg/linalg.js';
import type { Layer } from '../ops/layers.js';
import type { CompileOptions } from '../runtime/program.js';
import type { Tensor } from '../tensor/tensor.js';
import type { LayerBias } from './layer-bias.js';
import type { RegionData, RegionTask } from './solver.js';

/** Of one matrix of the stack; a bias that moves too is one more unknown, the last. */
export interface NormalEquations {
  readonly unknowns: number;
  /** Σ x xᵀ, [unknowns, unknowns]. */
  readonly gram: Float64Array;
  /** Σ (y - W x) xᵀ with the weights as they stand, [rows, unknowns]: half the negative slope of the squared error. */
  readonly pull: Float64Array;
}

/**
 * With y what the dense weights make of what the dense region is fed, z: pull = W_dense Σ z xᵀ - W Σ x xᵀ.
 * @param now [stacks][rows, unknowns], what the layer holds, masks applied; @param dense what the dense model holds.
 */
export async function normalEquations(
  task: RegionTask,
  layer: Layer,
  now: readonly Float64Array[],
  dense: readonly Float64Array[],
  bias: LayerBias | undefined,
  linalg: Linalg,
): Promise<NormalEquations[]> {
  const { graph, data, engine, signal } = task;
  const options = { ...engine, ...(signal && { signal }) };
  const sums = await ownSums(graph, layer, data, options);
  const teacher = await crossSums(task, layer, options);
  const { stacks, rows, columns } = layer.layout;
  const unknowns = columns + (bias ? 1 : 0);
  const shape = { m: rows, k: unknowns, n: unknowns };
  const systems: NormalEquations[] = [];
  for (let stack = 0; stack < stacks; stack++) {
    const x = ofStack(sums.columnSum, stack, columns);
    const square = (from: Float64Array): Float64Array => ofStack(from, stack, columns * columns);
    const border = (matrix: Float64Array, right: Float64Array, bottom: Float64Array): Float64Array =>
      bias ? bordered(matrix, columns, right, bottom, bias.step, sums.samples) : matrix;
    const gram = border(square(sums.gram), x, x);
    const cross = teacher ? border(square(teacher.cross), x, ofStack(teacher.sum, stack, columns)) : gram;
    const wanted = await linalg.matmul(dense[stack]!, cross, { ...shape, transB: true });
    systems.push({ unknowns, gram, pull: await linalg.addProduct(wanted, -1, now[stack]!, gram, shape) });
  }
  return systems;
}

type Options = CompileOptions & { readonly signal?: AbortSignal };

async function ownSums(graph: Graph, layer: Layer, data: RegionData, options: Options): Promise<Sums> {
  const observed = await observe(graph, [layer], ['gram', 'columnSum'], inputsOf(data), options);
  return observed.get(layer) as Sums;
}

interface Sums {
  readonly gram: Float64Array;
  readonly columnSum: Float64Array;
  readonly samples: number;
}

function* inputsOf(data: RegionData): Generator<ReadonlyMap<Value, Tensor>> {
  for (let index = 0; index < data.count; index++) yield data.inputs(index);
}

function crossSums(
  { graph, dense, data }: RegionTask,
  layer: Layer,
  options: Options,
): Promise<CrossStatistics> | undefined {
  if (!data.teacher) return undefined;
  const x = { graph, feeds: (index: number) => data.inputs(index) };
  const z = { graph: dense, feeds: (index: number) => data.teacher!(index) };
  return observeCross(layer, x, z, data.count, options);
}

const ofStack = (values: Float64Array, stack: number, size: number): Float64Array =>
  values.subarray(stack * size, (stack + 1) * size);

/** Σ of the products of x with one more entry, `step`, and z with the same: [n + 1, n + 1]. */
function bordered(
  matrix: Float64Array,
  n: number,
  sumX: Float64Array,
  sumZ: Float64Array,
  step: number,
  samples: number,
): Float64Array {
  const wide = new Float64Array((n + 1) ** 2);
  for (let i = 0; i < n; i++) {
    wide.set(matrix.subarray(i * n, (i + 1) * n), i * (n + 1));
    wide[i * (n + 1) + n] = sumX[i]! * step;
    wide[n * (n + 1) + i] = sumZ[i]! * step;
  }
  wide[wide.length - 1] = samples * step * step;
  return wide;
}
