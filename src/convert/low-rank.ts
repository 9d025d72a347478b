/** low-rank: a weight as the product of two that are smaller together. */
import { UserError, unsupported } from '../errors.js';
import type { Graph } from '../ir/types.js';
import { leadingDirections } from '../linalg/leading-directions.js';
import type { Layer } from '../ops/layers.js';
import { readMatrices } from '../ops/matrices.js';
import type { OptionValues } from '../settings/index.js';
import { storedBytes } from '../tensor/dtype.js';
import { checkFinite, chosenLayers, type Left } from './chosen-layers.js';
import { exchangeFactors, type Factors } from './factorise/exchange.js';
import { gramsOf } from './factorise/grams.js';
import { isPlainProduct } from './quantise/products.js';
import { isConv } from './quantise/sites.js';
import { isPlainMatrix } from './quantise/weights.js';
import { type ConvertTask, target } from './target.js';
import { weightError } from './weight-error.js';

const options = {
  rank: {
    default: 0.8,
    from: 0,
    about: 'below 1 a share of the rank at which nothing is saved any more, from 1 on the rank itself',
  },
  energy: {
    default: 0,
    from: 0,
    to: 1,
    about: 'the share of the squared singular values that is kept, instead of a rank; 0 goes by rank',
  },
  fit: {
    default: 'weights',
    choices: ['weights', 'outputs'],
    about: 'what is to stay close: the weight itself, or what it makes of calibration data',
  },
  kernels: {
    default: 'all',
    choices: ['all', 'pointwise'],
    about: 'which convolutions: all become one to fewer channels and a pointwise one behind it, or only pointwise ones',
  },
} as const;

type Settings = OptionValues<typeof options>;

/**
 * Truncated singular value decomposition (Eckart, Young, The approximation of one matrix by another of lower rank, 1936). By outputs, ‖(W - Ŵ) X‖ is
 * least: Ŵ = U Uᵀ W with U the leading left singular vectors of W X, which whitening by a root of X Xᵀ gives as well.
 */
export const lowRank = target({
  name: 'low-rank',
  summary: 'weights of MatMul, Gemm and Conv as the product of two smaller ones',
  writes: 'onnx',
  takesData: true,
  options,
  trials: [{ fit: 'weights' }, { fit: 'outputs' }],
  async convert(task, settings) {
    const { model } = task;
    const { layers, left } = chosenLayers(model.graph, task);
    const fitting = fittingLayers(model.graph, layers, settings, left);
    const grams = settings.fit === 'outputs' && fitting.length > 0 ? await gramsFor(task, fitting, left) : undefined;
    const factors: Factors[] = [];
    for (const { layer, rank } of fitting) {
      task.signal.throwIfAborted();
      const gram = grams ? await grams(layer) : undefined;
      if (grams && !gram) continue;
      const made = await factorsOf(task, layer, rank, settings, gram);
      if (typeof made === 'string') left.add(layer.name, made);
      else factors.push(made);
    }
    if (factors.length === 0) {
      throw unsupported(
        'low-rank',
        `expected weights of MatMul, Gemm or Conv that two factors make smaller, found none (${left.first}); choose others, a lower rank or less energy`,
      );
    }
    return {
      made: { kind: 'model', model: { ...model, graph: exchangeFactors(model.graph, factors) } },
      tensors: factors.map(({ tensor }) => tensor),
      notes: notesOf(factors, settings, left),
    };
  },
});

interface Fitting {
  readonly layer: Layer;
  /** The most it may have. */
  readonly rank: number;
}

function fittingLayers(graph: Graph, layers: readonly Layer[], settings: Settings, left: Left): Fitting[] {
  const isMatrix = isPlainMatrix(graph);
  return layers.flatMap((layer) => {
    const reason = refusal(layer, isMatrix, settings);
    const rank = reason === undefined ? rankOf(layer, settings) : 0;
    if (rank > 0) return [{ layer, rank }];
    left.add(layer.name, reason ?? 'two factors of that rank are no smaller');
    return [];
  });
}

function refusal(layer: Layer, isMatrix: (layer: Layer) => boolean, { kernels }: Settings): string | undefined {
  const { dtype, quantization, uses, layout, role } = layer;
  if (quantization) return 'the model dequantises it';
  if (dtype !== 'float32' && dtype !== 'float16') return `it is stored as ${dtype}`;
  if (role !== 'matrix') return 'other nodes read it as data';
  if (uses.every(({ node, input }) => isConv(node) && input === 1)) {
    if (layout.stacks > 1) return 'it has groups';
    const isWide = layout.kernel?.some((size) => size > 1);
    return isWide && kernels === 'pointwise' ? 'its kernel is wider than a point' : undefined;
  }
  const isProduct = isMatrix(layer) && uses.every(({ node }) => isPlainProduct(node));
  return isProduct ? undefined : 'it is not the right side of a plain MatMul or Gemm, or of a Conv, everywhere';
}

/** What two nodes and the names of their tensors take in a file more than one, about. */
const bytesOfNode = 160;

/** The rank that is asked for, 0 where it saves nothing; by energy, the most that saves. */
function rankOf({ layout: { rows, columns }, stored }: Layer, { rank, energy }: Settings): number {
  const even = (rows * columns) / (rows + columns);
  const most = Math.ceil(even) - 1;
  const asked = energy > 0 ? most : rank < 1 ? Math.floor(rank * even) : Math.floor(rank);
  const elementBytes = stored.payload.byteLength / (rows * columns);
  const saved = elementBytes * (rows * columns - asked * (rows + columns));
  return asked <= most && saved > bytesOfNode ? asked : energy > 0 ? lessOf(most, elementBytes, rows, columns) : 0;
}

/** The largest rank at most `most` that saves more bytes than nodes take. */
const lessOf = (most: number, elementBytes: number, rows: number, columns: number): number =>
  Math.min(most, Math.floor((rows * columns - bytesOfNode / elementBytes) / (rows + columns)));

async function gramsFor(task: ConvertTask, fitting: readonly Fitting[], left: Left) {
  if (!task.batches) {
    throw new UserError(
      'low-rank',
      'expected calibration data to fit outputs, got none; give some, or choose fit=weights',
    );
  }
  const { threads, signal } = task;
  return gramsOf(
    task.copy(),
    fitting.map(({ layer }) => layer),
    task.batches,
    { signal, ...(threads !== undefined && { threads }) },
    (layer) => left.add(layer.name, 'the working copy has no such weight to observe'),
  );
}

async function factorsOf(
  { linalg, signal }: ConvertTask,
  layer: Layer,
  most: number,
  { energy }: Settings,
  gram: Float64Array | undefined,
): Promise<Factors | string> {
  const { rows, columns } = layer.layout;
  const values = readMatrices(layer);
  checkFinite(layer.name, values);
  if (values.every((value) => value === 0)) return 'it is all zeros; prune it away';
  const w = Float64Array.from(values);
  const found = await leadingDirections(linalg, w, rows, columns, { count: most, signal, ...(gram && { gram }) });
  const kept = energy > 0 ? ranksFor(found.energies, energy * found.total) : Math.min(most, found.count);
  if (kept > most) return `a share of ${energy} of its energy takes a rank that saves nothing`;
  const rank = Math.max(1, kept);
  const left = found.vectors.subarray(0, rank * rows);
  const right = await linalg.matmul(left, w, { m: rank, k: rows, n: columns });
  const after = await linalg.matmul(left, right, { m: rows, k: rank, n: columns, transA: true });
  const lost = found.total - found.energies.subarray(0, rank).reduce((sum, each) => sum + each, 0);
  const { stored, dtype } = layer;
  return {
    layer,
    rank,
    left: Float32Array.from(left),
    right: Float32Array.from(right),
    lost: Math.sqrt(Math.max(0, lost) / (found.total || 1)),
    tensor: {
      name: layer.name,
      from: dtype,
      to: `rank ${rank} of ${Math.min(rows, columns)}`,
      bytes: { before: stored.payload.byteLength, after: storedBytes(dtype, rank * (rows + columns)) },
      error: weightError(values, Float32Array.from(after)),
    },
  };
}

/** How many of the largest energies it takes; one more than there are where they do not suffice. */
function ranksFor(energies: Float64Array, wanted: number): number {
  let sum = 0;
  // the last digits of sums
  const enough = wanted * (1 - 1e-12);
  for (let k = 0; k < energies.length; k++) {
    if (sum >= enough) return k;
    sum += energies[k]!;
  }
  return sum >= enough ? energies.length : energies.length + 1;
}

function notesOf(factors: readonly Factors[], { fit }: Settings, left: Left): string[] {
  const zeros = factors.reduce((sum, { layer }) => sum + zerosOf(readMatrices(layer)), 0);
  const elements = factors.reduce((sum, { layer }) => sum + layer.positions, 0);
  const worst = factors.reduce((most, each) => (each.lost > most.lost ? each : most));
  const of = fit === 'outputs' ? 'what it makes of the calibration data' : 'its size';
  return [
    ...(zeros > 0
      ? [`${zeros} of ${elements} weights were zero, and products of factors are not: sparsity is lost here`]
      : []),
    `most is lost in '${worst.layer.name}': ${(100 * worst.lost).toFixed(1)} % of ${of}`,
    ...left.notes,
  ];
}

function zerosOf(values: Float32Array): number {
  let zeros = 0;
  for (const value of values) if (value === 0) zeros++;
  return zeros;
}
