/** The reconstruction loop: region after region, what pruning left is fitted to what the dense model answers. */
import type { Graph, TensorType, Value } from '../../ir/types.js';
import type { Layer } from '../../ops/layers.js';
import { addBeside } from '../../reconstruct/beside.js';
import type { LowRank } from '../../reconstruct/solver.js';
import type { Schedule } from '../../regions/index.js';
import type { PairStage, PairWalk } from '../../regions/propagate-pair.js';
import { propagatePair } from '../../regions/propagate-pair.js';
import type { Steps } from '../../run/run-directory.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import type { CompileOptions } from '../../runtime/program.js';
import type { Shelf } from '../../tensor/shelf.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { FitData } from './data.js';
import { driftAtEnd, driftBefore, type RegionDrift } from './drift-by-depth.js';
import { firstReaders } from './first-readers.js';
import { type RegionFacts, type RegionStep, reconstructRegion, stepName } from './region.js';
import type { ReconstructionRequest } from './request.js';
import type { WeightPlaces } from './weight-places.js';

export interface ReconstructWork {
  readonly request: ReconstructionRequest;
  readonly seed: number;
  /** The dense model's working copy. */
  readonly graph: Graph;
  readonly types: ReadonlyMap<Value, TensorType>;
  /** Of the granularity that is reconstructed. */
  readonly schedule: Schedule;
  readonly masking: Masking;
  readonly places: WeightPlaces;
  readonly data: FitData;
  readonly engine: CompileOptions;
  readonly shelf: Shelf;
  readonly run: Steps;
  readonly context: JobContext;
  /** Which regions are solved here, where several processes share the work; absent: all. */
  readonly isMine?: (index: number) => boolean;
}

/** Where masks come from. */
export interface Masking {
  /** Whether visits look at the sparse path themselves. */
  readonly keepsSparse: boolean;
  /**
   * Called at every region before it is solved: weights with which the sparse path goes on from here, zeros where they are removed.
   * After it, all layers of the region that are to be pruned are.
   */
  before(stage: PairStage): Promise<ReadonlyMap<Value, Tensor>>;
  isPruned(layer: Layer): boolean;
  /** Of a layer that is pruned and holds that weight: float32 in its shape, 1 where kept. */
  maskOf(layer: Layer, held: Tensor): Tensor;
}

export interface Reconstructed {
  /** What the model stores now, by name; in files of the run directory. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** What stays beside layers, by their name. */
  readonly added: ReadonlyMap<string, LowRank>;
  /** Of the regions that were solved, in order. */
  readonly regions: readonly RegionFacts[];
  /** After each region that holds layers, in order; empty where this process does not solve them all. */
  readonly drift: readonly RegionDrift[];
}

/**
 * Solves the regions in order; each one's weights are rounded to what the model stores before the sparse path goes on with them. A
 * weight that several regions use is moved in the first of them only. Stops between two runs when the context's signal aborts; a
 * finished region is read from the run directory.
 */
export async function reconstructRegions(work: ReconstructWork): Promise<Reconstructed> {
  const { schedule, masking, context } = work;
  const first = firstReaders(work.graph, schedule);
  const layers = schedule.regions.flatMap((region) => region.layers);
  const added = new Map<string, LowRank>();
  const become = (part: Graph): Graph => (added.size === 0 ? part : addBeside(part, layers, added));
  const solved: RegionStep[] = [];
  const open = await openRegions(work);
  let done = 0;
  const drift: RegionDrift[] = [];
  await propagatePair({ ...walkOf(work), become }, async (stage) => {
    const before = schedule.regions[stage.index - 1];
    if (before) drift.push(...(await driftBefore(stage, before, context.signal)));
    const start = await masking.before(stage);
    const found = await reconstructRegion(work, stage, start, (value) => first.get(value) === stage.index, {
      done,
      total: open.size,
    });
    if (found.step) solved.push(found.step);
    for (const [name, change] of found.added) added.set(name, change);
    if (open.has(stage.index)) done++;
    if (work.request.solver !== 'descent') tellRegions(context, done, open.size);
    const weights = new Map([...start, ...found.weights]);
    if (stage.index === schedule.regions.length - 1) {
      drift.push(...(await driftAtEnd(stage, work.graph, weights, context.signal)));
    }
    return weights;
  });
  return {
    tensors: new Map(solved.flatMap(({ weights }) => [...weights])),
    added,
    regions: solved.map(({ facts }) => facts),
    drift,
  };
}

/** Regions that are solved here and have not been before. */
async function openRegions({ schedule, isMine, run }: ReconstructWork): Promise<Set<number>> {
  const open = new Set<number>();
  for (const [index, { layers }] of schedule.regions.entries()) {
    if (layers.length === 0 || isMine?.(index) === false) continue;
    if (!(await run.checkpoint(stepName(index)))) open.add(index);
  }
  return open;
}

const tellRegions = (context: JobContext, done: number, total: number): void =>
  context.emit({ type: 'progress', stage: 'reconstruct', done, total, unit: 'regions' });

function walkOf({ request, masking, context, data, isMine, ...work }: ReconstructWork): PairWalk {
  const { inputs, targets } = request;
  const isWhole = isMine === undefined;
  return {
    ...work,
    batches: data.batches,
    signal: context.signal,
    inputs,
    targets,
    keepsSparse: isWhole || masking.keepsSparse,
    keepsDense: isWhole,
  };
}
