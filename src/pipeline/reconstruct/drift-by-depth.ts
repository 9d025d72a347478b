/** Drift by depth: how far what leaves a region is from what leaves it in the dense model, on the way through the regions. */
import { heed } from '../../heed.js';
import type { Graph, Value } from '../../ir/types.js';
import { type Batches, Crossings } from '../../regions/crossings.js';
import type { Region } from '../../regions/index.js';
import { withWeights } from '../../regions/propagate.js';
import type { PairStage } from '../../regions/propagate-pair.js';
import { extract } from '../../rewrite/extract.js';
import { Shelf } from '../../tensor/shelf.js';
import type { Tensor } from '../../tensor/tensor.js';
import { distanceOf } from './squares.js';

export interface RegionDrift {
  readonly region: string;
  /** ‖x̂ - x‖² / ‖x‖² over all batches. */
  readonly drift: number;
}

/** Of the region before the stage, from what both paths hold; nothing where a path is not held. */
export async function driftBefore(
  { sparse, dense }: PairStage,
  before: Region,
  signal: AbortSignal,
): Promise<RegionDrift[]> {
  if (!sparse || !dense) return [];
  const values = before.outputs.filter((value) => sparse.values.has(value) && dense.values.has(value));
  return values.length === 0 ? [] : driftOf(before, sparse.feeds(values), dense.feeds(values), signal);
}

/**
 * Of the last region, which no stage follows.
 * @param graph the dense model's; @param weights that the region has got.
 */
export async function driftAtEnd(
  { region, graph: now, sparse, dense, engine, become }: PairStage,
  graph: Graph,
  weights: ReadonlyMap<Value, Tensor>,
  signal: AbortSignal,
): Promise<RegionDrift[]> {
  if (!sparse || !dense) return [];
  const part = extract(graph, region.inputs, region.outputs);
  const ends = [new Crossings(new Shelf()), new Crossings(new Shelf())] as const;
  try {
    const isOutput = (value: Value): boolean => region.outputs.includes(value);
    await ends[0].start(
      become(extract(withWeights(now, weights), region.inputs, region.outputs)),
      sparse.feeds(region.inputs),
      isOutput,
      engine,
      signal,
    );
    await ends[1].start(part, dense.feeds(region.inputs), isOutput, engine, signal);
    return await driftOf(region, ends[0].feeds(region.outputs), ends[1].feeds(region.outputs), signal);
  } finally {
    for (const each of ends) each.clear();
  }
}

async function driftOf(
  { name, layers }: Region,
  sparse: Batches,
  dense: Batches,
  signal: AbortSignal,
): Promise<RegionDrift[]> {
  if (layers.length === 0) return [];
  let [change, whole] = [0, 0];
  for (let index = 0; index < dense.count; index++) {
    await heed(signal);
    const found = distanceOf(dense.at(index), sparse.at(index));
    change += found.change;
    whole += found.whole;
  }
  return [{ region: name, drift: whole === 0 ? 0 : change / whole }];
}
