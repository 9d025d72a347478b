/** One layer in, one pruned layer out: the checks around every criterion and the selection after it. */
import { UserError } from '../errors.js';
import { type Group, type PatternSpec, patternOf, type SelectionRule } from '../masks/patterns.js';
import { checkFinite, type Selection, select } from '../masks/select.js';
import { elementsOf, type MatrixStack, printShape } from '../tensor/matrix.js';
import type { LayerInput, Products, Pruned, Pruner, PrunerOptions, Statistics } from './pruner.js';

export interface PruneLayerRequest {
  /** Name of the layer: it stands in messages and seeds the random criterion. */
  readonly layer: string;
  /** Rows are outputs, columns inputs; not written to. */
  readonly weight: MatrixStack;
  /** What the pruner `needs`, per stack. */
  readonly statistics?: Statistics;
  /** Includes the sparsity of this layer, as the allocation says. */
  readonly pattern: PatternSpec;
  /** Default: the pruner's own. */
  readonly group?: Group;
  /** Units (weights, or tiles of a block pattern) to remove from the layer, from `globalCounts`; needed with group `global`. */
  readonly remove?: number;
  /** Consecutive columns that belong together (the channels at one kernel position): n:m never crosses them. Default: all columns. */
  readonly segment?: number;
  /** Default `exact`. */
  readonly selection?: SelectionRule;
  readonly seed?: number;
  readonly options?: PrunerOptions;
  readonly linalg?: Products;
  readonly log?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Prunes one layer.
 * @throws UserError when a statistic is missing, of the wrong size or not finite, or when a score is not finite.
 */
export async function pruneLayer(pruner: Pruner, request: PruneLayerRequest): Promise<Pruned> {
  const input = inputOf(pruner, request);
  const selection = selectionOf(pruner, request);
  const { weight } = request;
  const skipped = patternOf(selection.pattern).fits(weight, selection.segment);
  if (skipped !== null) {
    const mask = new Uint8Array(elementsOf(weight)).fill(1);
    return { weight: weight.data.slice(), mask, removed: 0, notes: [], skipped };
  }
  if (pruner.prune) return pruner.prune(input, selection);
  const scores = await pruner.score(input);
  const { mask, removed, notes } = select({ ...weight, data: scores }, selection, where(request.layer));
  return { weight: masked(weight.data, mask), mask, removed, notes };
}

/** The criterion alone, [stacks * rows * columns]: for global thresholds and the outliers of OWL. */
export async function scoreLayer(
  pruner: Pruner,
  request: Omit<PruneLayerRequest, 'pattern' | 'group' | 'remove' | 'segment' | 'selection'>,
): Promise<Float32Array> {
  return pruner.score(inputOf(pruner, request));
}

const where = (layer: string): string => `prune '${layer}'`;

function inputOf(pruner: Pruner, request: Omit<PruneLayerRequest, 'pattern'>): LayerInput {
  const { layer, weight, statistics = {}, seed = 0, options = {}, linalg, log, signal } = request;
  check(pruner, layer, weight, statistics);
  return {
    layer,
    weight,
    statistics,
    seed,
    options,
    ...(linalg && { linalg }),
    ...(log && { log }),
    ...(signal && { signal }),
  };
}

function selectionOf(pruner: Pruner, request: PruneLayerRequest): Selection {
  const { pattern, group = pruner.group, selection: rule = 'exact', remove, segment } = request;
  return {
    pattern,
    group,
    rule,
    ...(remove !== undefined && { remove }),
    ...(segment !== undefined && { segment }),
  };
}

function check(pruner: Pruner, layer: string, weight: MatrixStack, statistics: Statistics): void {
  if (weight.data.length !== elementsOf(weight)) {
    throw new UserError(where(layer), `expected ${printShape(weight)} weights, got ${weight.data.length}`);
  }
  const { stacks, columns } = weight;
  checkFinite(weight.data, columns, where(layer), 'weight');
  const sizes = { columnNorm: stacks * columns, gram: stacks * columns * columns };
  for (const need of pruner.needs) {
    const found = statistics[need];
    if (!found) {
      throw new UserError(
        where(layer),
        `expected the statistic ${need} for ${pruner.name}, got none; observe it first`,
      );
    }
    if (found.length !== sizes[need]) {
      throw new UserError(where(layer), `expected ${sizes[need]} values of ${need}, got ${found.length}`);
    }
    checkFinite(found, columns, where(layer), need);
  }
}

/** `weight` with +0 where the mask is 0; every other element keeps its bits. */
function masked(weight: Float32Array, mask: Uint8Array): Float32Array {
  const result = weight.slice();
  for (let i = 0; i < result.length; i++) if (mask[i] === 0) result[i] = 0;
  return result;
}
