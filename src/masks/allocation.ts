/** How an overall sparsity is spread over layers: one rule per name. The weighted mean over all weights is always the target. */
import { UserError } from '../errors.js';

export interface AllocatedLayer {
  readonly name: string;
  /** Outputs, over all stacks. */
  readonly rows: number;
  /** Inputs of one output. */
  readonly columns: number;
  readonly elements: number;
  /** Sizes of a convolution's kernel, a part of `columns`. */
  readonly kernel?: readonly number[];
  /** OWL: the fraction of outliers of the layer, or of the block it belongs to, from `outlierFraction`. */
  readonly outliers?: number;
}

export interface AllocationOptions {
  /** OWL: half the width of the band that sparsities spread over; default 0.08. */
  readonly lambda?: number;
}

/** Sparsity for each layer, in order, each in [0, 1). */
export type Allocation = (layers: readonly AllocatedLayer[], sparsity: number, options?: AllocationOptions) => number[];

/** The same for all. */
export const uniform: Allocation = (layers, sparsity) => layers.map(() => sparsity);

/**
 * Erdős-Rényi-Kernel: density in proportion to (outputs + inputs + kernel sizes) / elements, so that small layers stay denser.
 * Layers that would get more than 1 are dense, and the others share what is left.
 * Evci, Gale, Menick, Castro, Elsen, Rigging the lottery: making all tickets winners (arXiv 1911.11134).
 */
export const erk: Allocation = (layers, sparsity) => {
  const raw = layers.map(({ rows, columns, elements, kernel = [] }) => {
    const inputs = columns / kernel.reduce((product, size) => product * size, 1);
    return (rows + inputs + kernel.reduce((sum, size) => sum + size, 0)) / elements;
  });
  const dense = new Set<number>();
  for (;;) {
    const factor = erkFactor(layers, raw, sparsity, dense);
    const over = raw.flatMap((density, i) => (!dense.has(i) && density * factor > 1 ? [i] : []));
    if (over.length === 0) return raw.map((density, i) => (dense.has(i) ? 0 : 1 - density * factor));
    for (const i of over) dense.add(i);
  }
};

/** What the raw densities of the layers that are not dense are multiplied by, so that as many weights are kept as asked for. */
function erkFactor(
  layers: readonly AllocatedLayer[],
  raw: readonly number[],
  sparsity: number,
  dense: ReadonlySet<number>,
): number {
  let keep = (1 - sparsity) * layers.reduce((sum, { elements }) => sum + elements, 0);
  let shares = 0;
  layers.forEach(({ elements }, i) => {
    if (dense.has(i)) keep -= elements;
    else shares += (raw[i] as number) * elements;
  });
  return shares === 0 ? 0 : keep / shares;
}

/**
 * Outlier weighed layerwise sparsity: layers with more outliers stay denser, over a band 2 lambda wide. The band is
 * centred so that the mean weighted by elements is the target (the paper's layers have equal sizes), and narrowed where a
 * layer would leave [0, 1) or keep less than a tenth of the target density.
 * Yin et al., Outlier weighed layerwise sparsity (OWL): a missing secret sauce for pruning LLMs to high sparsity (arXiv 2310.05175).
 */
export const owl: Allocation = (layers, sparsity, { lambda = 0.08 } = {}) => {
  const outliers = layers.map(({ name, outliers }) => {
    if (outliers === undefined)
      throw new UserError(`owl '${name}'`, 'expected a fraction of outliers, got none; score the layer first');
    return outliers;
  });
  const least = Math.min(...outliers);
  const range = Math.max(...outliers) - least;
  const bonus = outliers.map((fraction) => (range === 0 ? 0 : ((fraction - least) / range) * 2 * lambda));
  const total = layers.reduce((sum, { elements }) => sum + elements, 0);
  const mean = layers.reduce((sum, { elements }, i) => sum + (bonus[i] as number) * elements, 0) / total;
  const most = 1 - (1 - sparsity) / 10;
  const room = bonus.map((value) => {
    if (value > mean) return sparsity / (value - mean);
    return value < mean ? (most - sparsity) / (mean - value) : Number.POSITIVE_INFINITY;
  });
  const narrowed = Math.min(1, ...room);
  return bonus.map((value) => sparsity - narrowed * (value - mean));
};

export const allocations = { uniform, erk, owl } satisfies Record<string, Allocation>;

export type AllocationName = keyof typeof allocations;

/**
 * The fraction of scores above `threshold` times their mean: what OWL calls the layer outlier distribution.
 * @param scores Wanda's scores, |W| times the norm of its input; those of all matrices of a block together, as published.
 */
export function outlierFraction(scores: readonly Float32Array[], threshold = 5): number {
  let sum = 0;
  let count = 0;
  for (const part of scores) {
    for (let i = 0; i < part.length; i++) sum += part[i];
    count += part.length;
  }
  const limit = (sum / count) * threshold;
  let above = 0;
  for (const part of scores) for (let i = 0; i < part.length; i++) if (part[i] > limit) above++;
  return count === 0 ? 0 : above / count;
}
