/** The prune loop: units in their order, each seeing the ones before it pruned. */
import { observe } from '../../calibrate/observe.js';
import type { Graph, TensorType, Value } from '../../ir/types.js';
import type { Layer } from '../../ops/layers.js';
import type { LowRank } from '../../reconstruct/solver.js';
import type { Feeds } from '../../regions/crossings.js';
import type { Region, Schedule } from '../../regions/index.js';
import { propagate } from '../../regions/propagate.js';
import type { Checkpoint } from '../../run/run-directory.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import type { CompileOptions } from '../../runtime/program.js';
import { floatsOf } from '../../tensor/convert.js';
import type { Shelf } from '../../tensor/shelf.js';
import { float32, type Tensor } from '../../tensor/tensor.js';
import type { Reconstructed } from '../reconstruct/loop.js';
import type { LayerPlan } from './layer-plan.js';
import type { LayerFacts, PruneTask } from './region.js';
import type { Reordered } from './reorder.js';
import { type Units, walkOf } from './units.js';

export interface PruneWork extends Omit<PruneTask, 'plans'> {
  /** The float32 working copy, and its layers by name. */
  readonly graph: Graph;
  readonly selected: readonly Layer[];
  readonly schedule: Schedule;
  /** The layers by the unit that the network repeats: OWL measures over these. */
  readonly blocks: readonly Region[];
  /** Where values wait between regions. */
  readonly shelf: Shelf;
  /** Absent for criteria that look at weights alone. */
  readonly calibration?: Calibration;
}

export interface Calibration {
  readonly batches: Iterable<Feeds>;
  readonly types: ReadonlyMap<Value, TensorType>;
  readonly engine: CompileOptions;
}

export interface PruneResult {
  /** What the model stores now, by name; in files of the run directory. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly facts: ReadonlyMap<string, LayerFacts>;
  readonly plans: ReadonlyMap<string, LayerPlan>;
  /** Low-rank changes that stay beside layers, by their name. */
  readonly added?: ReadonlyMap<string, LowRank>;
  readonly reconstruction?: Pick<Reconstructed, 'regions' | 'drift'>;
  /** Where units were put in another order first; the tensors are in it. */
  readonly order?: Pick<Reordered, 'report' | 'id'>;
}

/** Prunes the selected layers unit by unit. Stops between two runs when the context's signal aborts; resumes from the run directory. */
export async function pruneRegions(work: PruneWork, units: Units): Promise<PruneResult> {
  const { pruner, context, schedule } = work;
  if (units.isIndependent) {
    await pruneEach(work, units, [...schedule.regions.keys()]);
    return units.result();
  }
  const tell = teller(context, schedule.regions.length);
  tell(0);
  await propagate(walkOf(work), async ({ index, region, graph, feeds, engine }) => {
    const options = { ...engine, signal: context.signal };
    const step = await units.prune(index, (layers) => observe(graph, layers, pruner.needs, feeds, options));
    tell(index + 1);
    return forWorkingCopy(units.layersOf(region), step);
  });
  return units.result();
}

/** Prunes units that do not wait for each other. */
export async function pruneEach({ context }: PruneWork, units: Units, indices: readonly number[]): Promise<void> {
  const tell = teller(context, indices.length);
  tell(0);
  for (const [i, index] of indices.entries()) {
    await units.prune(index, () => Promise.resolve(new Map()));
    tell(i + 1);
  }
}

const teller =
  (context: JobContext, total: number) =>
  (done: number): void =>
    context.emit({ type: 'progress', stage: 'prune', done, total, unit: 'regions' });

/** Stored tensors as the float32 working copy holds them: later regions see what rounding left. */
export function forWorkingCopy(layers: readonly Layer[], { tensors }: Pick<Checkpoint, 'tensors'>): Map<Value, Tensor> {
  return new Map(
    layers.flatMap((layer) => {
      const stored = tensors.get(layer.name);
      if (!stored) return [];
      return [[layer.weight, stored.dtype === layer.dtype ? stored : float32(stored.shape, floatsOf(stored))] as const];
    }),
  );
}
