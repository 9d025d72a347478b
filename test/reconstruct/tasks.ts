/** Regions of one layer in several layouts, pruned, with seeded data. */
import type { Graph, Value } from '../../src/ir/types.js';
import type { Builder } from '../../src/ops/builder.js';
import { findLayers } from '../../src/ops/layers.js';
import { findParameters } from '../../src/ops/parameters.js';
import type { RegionData, RegionTask } from '../../src/reconstruct/solver.js';
import { underMask } from '../../src/reconstruct/under-mask.js';
import { bake } from '../../src/rewrite/bake.js';
import { compile } from '../../src/runtime/program.js';
import { sizeOf } from '../../src/tensor/dtype.js';
import { random } from '../../src/tensor/random.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';
import { graphOf, input } from '../ops/graphs.js';

export const engine = { threads: 1 };

export interface LayerCase {
  readonly x: readonly number[];
  /** Of x: the inputs of the matrix, or the channels they come from. */
  readonly axis: number;
  emit(g: Builder, x: Value): Value;
}

const normals = (shape: readonly number[], stream: string): Tensor =>
  float32(shape, random(3, stream).normals(sizeOf(shape)));

/** One layer each; biases where the op has one. */
export const cases = {
  MatMul: {
    x: [2, 30, 12],
    axis: 2,
    emit: (g, x) => g.matmul(x, g.constant(normals([12, 7], 'w'), 'w')),
  },
  'MatMul from the left': {
    x: [12, 50],
    axis: 0,
    emit: (g, x) => g.matmul(g.constant(normals([7, 12], 'w'), 'w'), x),
  },
  'Gemm, transposed, with bias and scales': {
    x: [60, 12],
    axis: 1,
    emit: (g, x) =>
      g.op('Gemm', [x, g.constant(normals([7, 12], 'w'), 'w'), g.constant(normals([7], 'b'), 'b')], {
        transB: 1,
        alpha: { kind: 'float', value: 0.5 },
        beta: { kind: 'float', value: 2 },
      }),
  },
  Conv: {
    x: [3, 2, 7, 7],
    axis: 1,
    emit: (g, x) =>
      g.op('Conv', [x, g.constant(normals([5, 2, 3, 3], 'w'), 'w'), g.constant(normals([5], 'b'), 'b')], {
        strides: [2, 2],
        pads: [1, 1, 1, 1],
      }),
  },
  'grouped Conv': {
    x: [3, 4, 7, 7],
    axis: 1,
    emit: (g, x) =>
      g.op('Conv', [x, g.constant(normals([6, 2, 3, 3], 'w'), 'w'), g.constant(normals([6], 'b'), 'b')], { group: 2 }),
  },
} satisfies Record<string, LayerCase>;

export interface Making {
  /** Fraction removed, at random; default 0.5. */
  readonly sparsity?: number;
  /** Whether what the region is fed differs from what the dense one was. */
  readonly drifts?: boolean;
  /** Inputs (entries of the axis given) that are always zero. */
  readonly dead?: (index: readonly number[]) => boolean;
  readonly batches?: number;
}

/** The region of a case, with its answers computed by the dense graph. */
export async function taskOf(each: LayerCase, making: Making = {}): Promise<RegionTask> {
  const x = input('x', each.x);
  return regionTask(
    graphOf([x], (g) => [each.emit(g, x)]),
    making,
  );
}

/** @param dense a graph of one input whose layers are pruned at random. */
export async function regionTask(dense: Graph, { sparsity = 0.5, drifts = false, dead, batches = 2 }: Making = {}) {
  const { layers } = findLayers(dense);
  const masks = new Map(
    layers.map(({ weight, stored }): [Value, Tensor] => {
      const draw = random(5, `mask of ${weight.name}`).uniforms(sizeOf(stored.shape));
      return [
        weight,
        float32(
          stored.shape,
          draw.map((u) => (u < sparsity ? 0 : 1)),
        ),
      ];
    }),
  );
  const start = new Map(layers.map(({ weight, stored }) => [weight, underMask(stored, masks.get(weight))]));
  const [x] = dense.inputs as [Value];
  const shape = x.type?.shape as number[];
  const seen = Array.from({ length: batches }, (_, i) => correlated(shape, `batch ${i}`, dead));
  const fed = drifts ? seen.map((t, i) => mixed(t, correlated(shape, `drift ${i}`, dead))) : seen;
  const data = await dataOf(dense, seen, fed, drifts);
  const graph = bake(dense, start);
  const task: RegionTask = {
    graph,
    dense,
    layers,
    masks,
    parameters: findParameters(graph, layers),
    data,
    engine,
    seed: 1,
  };
  return task;
}

async function dataOf(
  dense: Graph,
  seen: readonly Tensor[],
  fed: readonly Tensor[],
  drifts: boolean,
): Promise<RegionData> {
  const [x] = dense.inputs as [Value];
  const program = await compile(dense, engine);
  const answers: ReadonlyMap<Value, Tensor>[] = [];
  for (const t of seen) answers.push(await program.run(new Map([[x, t]])));
  await program.release();
  return {
    count: fed.length,
    inputs: (index) => new Map([[x, fed[index]!]]),
    targets: (index) => answers[index]!,
    ...(drifts && { teacher: (index: number) => new Map([[x, seen[index]!]]) }),
  };
}

/** Each number shares half of the one before it, and all of them are off zero. */
function correlated(shape: readonly number[], stream: string, dead: Making['dead']): Tensor {
  const values = random(4, stream).normals(sizeOf(shape));
  for (let i = 1; i < values.length; i++) values[i]! += 0.5 * values[i - 1]!;
  return float32(
    shape,
    values.map((value, i) => (dead?.(indexOf(i, shape)) ? 0 : value + 0.3)),
  );
}

function mixed(a: Tensor, b: Tensor): Tensor {
  const [x, y] = [a, b].map((t) => new Float32Array(t.payload.read().slice().buffer));
  return float32(
    a.shape,
    x!.map((value, i) => 0.9 * value + 0.2 * y![i]!),
  );
}

function indexOf(at: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  for (let axis = shape.length - 1, rest = at; axis >= 0; axis--) {
    index.unshift(rest % shape[axis]!);
    rest = Math.floor(rest / shape[axis]!);
  }
  return index;
}

/** Whether everything that a mask removes is +0. */
export const holds = (weight: Tensor, mask: Tensor): boolean => {
  const [values, kept] = [weight, mask].map((t) => new Float32Array(t.payload.read().slice().buffer));
  return values!.every((value, i) => kept![i] === 1 || Object.is(value, 0));
};
