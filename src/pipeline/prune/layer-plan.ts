/** How much each layer loses: the request's pattern, allocation and overrides applied to the layers selected. */
import { UserError } from '../../errors.js';
import { type AllocatedLayer, allocations, outlierFraction } from '../../masks/allocation.js';
import { globalCounts } from '../../masks/global.js';
import { overridden } from '../../masks/overrides.js';
import { countOf, type PatternSpec, patternOf } from '../../masks/patterns.js';
import type { Layer } from '../../ops/layers.js';
import { sizeOf } from '../../tensor/dtype.js';
import { isInAnyOrder, type PruneRequest } from './request.js';

export interface LayerPlan {
  /** With the sparsity of this layer. */
  readonly pattern: PatternSpec;
  /** Units to remove, where a threshold over all layers decides. */
  readonly remove?: number;
  /** The fraction that goes, in [0, 1). */
  readonly sparsity: number;
}

/** Scores that some plans need before anything is pruned; asked for layer by layer, more than once. */
export interface PlanScores {
  /** Of the criterion itself: for thresholds over all layers. */
  criterion(layer: Layer): Promise<Float32Array>;
  /** Of Wanda: for the outliers of OWL. */
  wanda(layer: Layer): Promise<Float32Array>;
}

/** Whether a plan cannot be made without scores of all layers, which come from the dense model. */
export const needsScores = ({ group, allocation }: PruneRequest): boolean =>
  group === 'global' || allocation.kind === 'owl';

/** What must not be combined; independent of the model. */
export function checkPlan(request: PruneRequest): void {
  const { pattern, group, allocation, method, jobs = 1, permute } = request;
  if (permute && pattern.kind !== 'n:m') {
    throw new UserError(
      'prune',
      `--permute expected an n:m pattern, got ${patternOf(pattern).text}, of which any order keeps as much; say --pattern 2:4, or leave it out`,
    );
  }
  if (jobs > 1 && !isInAnyOrder(request)) {
    throw new UserError(
      'prune',
      `--jobs ${jobs} expected blocks that are pruned without waiting for each other, got --method ${method} with statistics of the pruned blocks before; add --statistics-from dense`,
    );
  }
  if (pattern.kind === 'n:m' && group !== undefined) {
    throw new UserError(
      'prune',
      `--group expected a fraction as pattern, got ${pattern.n}:${pattern.m}, whose groups are its m inputs; leave it out`,
    );
  }
  if (pattern.kind === 'n:m' && (allocation.kind !== 'uniform' || allocation.overrides.length > 0)) {
    throw new UserError(
      'prune',
      `--allocation and --layer-sparsity expected a fraction as pattern, got ${pattern.n}:${pattern.m}, which fixes the sparsity; leave them out`,
    );
  }
  if (group === 'global' && allocation.kind !== 'uniform') {
    throw new UserError(
      'prune',
      `--group global spreads the sparsity itself, got --allocation ${allocation.kind} too; leave one out`,
    );
  }
}

/**
 * The plan of every layer, in order.
 * @param blocks the layers by block: OWL measures outliers over the matrices of a block together, as published.
 */
export async function planLayers(
  layers: readonly Layer[],
  blocks: readonly (readonly Layer[])[],
  request: PruneRequest,
  scores: PlanScores,
): Promise<ReadonlyMap<Layer, LayerPlan>> {
  checkPlan(request);
  const { pattern } = request;
  if (pattern.kind === 'n:m') {
    const plan = { pattern, sparsity: 1 - pattern.n / pattern.m };
    return new Map(layers.map((layer) => [layer, plan]));
  }
  const fixed = overridden(layers.map(namesOf), request.allocation.overrides);
  const free = layers.filter((_, i) => fixed[i] === undefined);
  const plans =
    request.group === 'global'
      ? await byThreshold(free, request, scores)
      : await byShare(free, blocks, request, scores);
  return new Map(
    layers.map((layer, i) => {
      const sparsity = fixed[i];
      if (sparsity === undefined) return [layer, plans.get(layer) as LayerPlan];
      const remove = countOf(sparsity, unitsOf(layer, pattern));
      return [layer, { pattern: { ...pattern, sparsity }, sparsity, ...(request.group === 'global' && { remove }) }];
    }),
  );
}

/** All names by which a user may mean a layer. */
export const namesOf = (layer: Layer): string[] => [
  ...new Set([layer.name, ...layer.uses.flatMap(({ node }) => [node.name, node.op])]),
];

/** Consecutive columns that belong together: the input channels at one kernel position, or all inputs. */
export const segmentOf = ({ layout: { columns, kernel = [] } }: Layer): number => columns / sizeOf(kernel);

async function byThreshold(
  layers: readonly Layer[],
  request: PruneRequest,
  scores: PlanScores,
): Promise<Map<Layer, LayerPlan>> {
  const { pattern, selection } = request;
  if (pattern.kind === 'n:m') return new Map();
  const scored = layers.map((layer) => ({
    name: layer.name,
    scores: async () =>
      patternOf(pattern).units({ ...layer.layout, data: await scores.criterion(layer) }, 'global', segmentOf(layer))
        .scores,
  }));
  const counts = await globalCounts(scored, pattern.sparsity, selection);
  return new Map(
    layers.map((layer, i) => {
      const remove = counts[i] as number;
      const sparsity = remove / unitsOf(layer, pattern);
      return [layer, { pattern: { ...pattern, sparsity: Math.min(sparsity, 1 - Number.EPSILON) }, remove, sparsity }];
    }),
  );
}

async function byShare(
  layers: readonly Layer[],
  blocks: readonly (readonly Layer[])[],
  request: PruneRequest,
  scores: PlanScores,
): Promise<Map<Layer, LayerPlan>> {
  const { pattern, allocation } = request;
  if (pattern.kind === 'n:m') return new Map();
  const outliers = allocation.kind === 'owl' ? await outliersOf(blocks, allocation.owlThreshold, scores) : undefined;
  const allocated = layers.map((layer) => allocatedLayer(layer, outliers?.get(layer)));
  const options = allocation.owlLambda === undefined ? {} : { lambda: allocation.owlLambda };
  const shares = allocations[allocation.kind](allocated, pattern.sparsity, options);
  return new Map(
    layers.map((layer, i) => {
      const sparsity = shares[i] as number;
      return [layer, { pattern: { ...pattern, sparsity }, sparsity }];
    }),
  );
}

async function outliersOf(
  blocks: readonly (readonly Layer[])[],
  threshold: number | undefined,
  scores: PlanScores,
): Promise<Map<Layer, number>> {
  const result = new Map<Layer, number>();
  for (const block of blocks) {
    const parts: Float32Array[] = [];
    for (const layer of block) parts.push(await scores.wanda(layer));
    const fraction = outlierFraction(parts, threshold);
    for (const layer of block) result.set(layer, fraction);
  }
  return result;
}

function allocatedLayer(layer: Layer, outliers: number | undefined): AllocatedLayer {
  const { stacks, rows, columns, kernel } = layer.layout;
  return {
    name: layer.name,
    rows: stacks * rows,
    columns,
    elements: layer.positions,
    ...(kernel && { kernel }),
    ...(outliers === undefined ? {} : { outliers }),
  };
}

/** How many weights or tiles of a pattern a layer has. */
function unitsOf(layer: Layer, pattern: PatternSpec): number {
  if (pattern.kind !== 'blocks') return layer.positions;
  const { stacks, rows, columns } = layer.layout;
  return stacks * Math.floor(rows / pattern.rows) * Math.floor(columns / pattern.columns);
}
