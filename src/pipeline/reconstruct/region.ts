/** Reconstructs one region and keeps the result on disk: a finished region is never done again. */
import type { Value } from '../../ir/types.js';
import type { Layer } from '../../ops/layers.js';
import { findParameters } from '../../ops/parameters.js';
import { addBeside } from '../../reconstruct/beside.js';
import type { LowRank, RegionTask, Solution } from '../../reconstruct/solver.js';
import { withWeights } from '../../regions/propagate.js';
import type { PairStage } from '../../regions/propagate-pair.js';
import { extract } from '../../rewrite/extract.js';
import type { Checkpoint } from '../../run/run-directory.js';
import { floatsOf } from '../../tensor/convert.js';
import { sizeOf } from '../../tensor/dtype.js';
import type { Tensor } from '../../tensor/tensor.js';
import { markPeak, peakSinceMark } from '../peak-memory.js';
import { regionData } from './data.js';
import { fitCheckpoints } from './fit-checkpoints.js';
import type { ReconstructWork } from './loop.js';
import { changesIn, settled, tensorsOf } from './low-rank-store.js';
import { relativeErrors } from './region-error.js';
import { solverOf } from './solver.js';
import { widened } from './weight-places.js';

/** What happened to one region. */
export interface RegionFacts {
  readonly name: string;
  readonly kind: string;
  readonly layers: readonly string[];
  /** Weights that moved, zeros not counted, and those that were added. */
  readonly trained: number;
  /** Names of the layers that have a low-rank change beside them now; absent where none has. */
  readonly beside?: readonly string[];
  /** The loss that was descended on, on the data that decides. */
  readonly before: number;
  readonly after: number;
  /** ‖f(x) - f̂(x)‖² / ‖f(x)‖² on the data trained on, with weights as they are stored; absent where nothing is matched. */
  readonly error?: { readonly before: number; readonly after: number };
  /** Means over equal stretches of steps, at most `mostPoints`. */
  readonly losses: readonly number[];
  readonly steps: number;
  /** At the start and after each epoch. */
  readonly judged: readonly number[];
  readonly seconds: number;
  readonly peakMemoryBytes: number;
}

/** The name of a region's step in the run directory. */
export const stepName = (index: number): string => `reconstruct-${String(index).padStart(4, '0')}`;

export interface RegionStep {
  /** What the model stores now, by name. */
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly facts: RegionFacts;
}

interface Found {
  /** As the working copy holds them. */
  readonly weights: ReadonlyMap<Value, Tensor>;
  /** What stays beside layers, by their name. */
  readonly added: ReadonlyMap<string, LowRank>;
  /** Absent where nothing of the region may move, or another process solves it. */
  readonly step?: RegionStep;
}

const nothing: Found = { weights: new Map(), added: new Map() };

/** @param isFirst whether no earlier region reads a weight. */
export async function reconstructRegion(
  work: ReconstructWork,
  stage: PairStage,
  start: ReadonlyMap<Value, Tensor>,
  isFirst: (value: Value) => boolean,
  progress: { readonly done: number; readonly total: number },
): Promise<Found> {
  const { index, region } = stage;
  const graph = stage.become(extract(withWeights(stage.graph, start), region.inputs, region.outputs));
  const layers = region.layers.filter((layer) => work.masking.isPruned(layer) && isFirst(layer.weight));
  const parameters = findParameters(graph, layers).filter(
    (value) => isFirst(value) && work.places.has(value, graph.initializers.get(value)!.shape),
  );
  if (layers.length === 0 || parameters.length === 0) return nothing;
  const name = stepName(index);
  const kept = fitCheckpoints(work.run, name);
  const finished = await work.run.checkpoint(name);
  if (!finished && work.isMine && !work.isMine(index)) return nothing;
  const step = finished ?? (await solveRegion(work, stage, { graph, layers, parameters }, kept, progress));
  // a kill may have come between the step and this
  kept.clear();
  return foundIn(step, parameters);
}

function foundIn(step: Checkpoint, parameters: readonly Value[]): Found {
  const facts = step.facts as RegionFacts;
  const isBeside = facts.beside !== undefined;
  const weights = parameters.flatMap((value): [Value, Tensor][] => {
    const stored = isBeside ? undefined : step.tensors.get(value.name);
    return stored ? [[value, widened(stored)]] : [];
  });
  const stored = weights.map(([{ name }]) => [name, step.tensors.get(name)!] as const);
  return {
    weights: new Map(weights),
    added: changesIn(step.tensors, facts.beside ?? []),
    step: { weights: new Map(stored), facts },
  };
}

type Own = Pick<RegionTask, 'graph' | 'layers' | 'parameters'>;

async function solveRegion(
  work: ReconstructWork,
  stage: PairStage,
  own: Own,
  kept: ReturnType<typeof fitCheckpoints>,
  progress: { readonly done: number; readonly total: number },
): Promise<Checkpoint> {
  const from = await kept.last();
  const task: RegionTask = {
    ...(await taskOf(work, stage, own, progress)),
    ...(from && { from }),
    onEpoch: (epoch) => kept.keep(epoch),
  };
  const { tensors, facts } = await solve(work, task, stage.region);
  return work.run.write(stepName(stage.index), tensors, facts);
}

async function taskOf(
  { graph: dense, data, engine, seed, context, request, masking }: ReconstructWork,
  stage: PairStage,
  own: Own,
  { done, total }: { readonly done: number; readonly total: number },
): Promise<RegionTask> {
  const { region, inputs, teacher } = stage;
  const targets = await stage.targets();
  const part = (indices: readonly number[]) => regionData(indices, inputs, targets, teacher);
  const moved = own.layers.filter(({ weight }) => own.parameters.includes(weight));
  const isCounted = request.solver === 'descent';
  return {
    name: `region '${region.name}'`,
    ...own,
    masks: new Map(
      moved.map((layer) => [layer.weight, masking.maskOf(layer, own.graph.initializers.get(layer.weight)!)]),
    ),
    dense: extract(dense, region.inputs, region.outputs),
    data: part(data.trained),
    ...(data.heldOut.length > 0 && { heldOut: part(data.heldOut) }),
    engine: { ...engine, ...(stage.engine.types && { types: stage.engine.types }) },
    seed,
    signal: context.signal,
    ...(isCounted && {
      onProgress: (step: number, steps: number) =>
        context.emit({
          type: 'progress',
          stage: 'reconstruct',
          done: done * steps + step,
          total: total * steps,
          unit: 'steps',
        }),
    }),
  };
}

async function solve(
  work: ReconstructWork,
  task: RegionTask,
  { name, kind, layers }: PairStage['region'],
): Promise<{ tensors: ReadonlyMap<string, Tensor>; facts: RegionFacts }> {
  const begin = performance.now();
  markPeak();
  const solution = await solverOf(work.request, work.data, task.layers)(task);
  const moved = [...solution.weights];
  const weights = new Map(
    moved.map(([value, t]): [string, Tensor] => [value.name, work.places.store(value, t, task.masks.get(value))]),
  );
  const added = besideIn(solution, task.layers, work);
  const stored = new Map(moved.map(([value]) => [value, widened(weights.get(value.name)!)]));
  const error = await relativeErrors(task, addBeside(withWeights(task.graph, stored), task.layers, added));
  const facts: RegionFacts = {
    name,
    kind,
    layers: layers.map((layer) => layer.name),
    trained:
      moved.reduce((sum, [value, { shape }]) => sum + keptOf(task.masks.get(value), shape), 0) +
      [...added.values()].reduce((sum, { A, B }) => sum + sizeOf(A.shape) + sizeOf(B.shape), 0),
    ...(added.size > 0 && { beside: [...added.keys()] }),
    before: solution.before,
    after: solution.after,
    error,
    losses: thinned(solution.losses),
    steps: solution.losses.length,
    judged: solution.judged,
    seconds: (performance.now() - begin) / 1000,
    peakMemoryBytes: peakSinceMark(),
  };
  return { tensors: new Map([...weights, ...tensorsOf(added)]), facts };
}

function besideIn({ added = new Map() }: Solution, layers: readonly Layer[], { places }: ReconstructWork) {
  const changes = layers.flatMap((layer): [string, LowRank][] => {
    const change = added.get(layer.weight);
    return change ? [[layer.name, settled(change, places.layerOf(layer.name))]] : [];
  });
  return new Map(changes);
}

export const keptOf = (mask: Tensor | undefined, shape: readonly number[]): number =>
  mask ? floatsOf(mask).reduce((sum, value) => sum + value, 0) : sizeOf(shape);

/** More points than this do not show in a chart. */
const mostPoints = 200;

export function thinned(losses: Solution['losses']): readonly number[] {
  if (losses.length <= mostPoints) return losses;
  const stretch = Math.ceil(losses.length / mostPoints);
  return Array.from({ length: Math.ceil(losses.length / stretch) }, (_, i) => {
    const part = losses.slice(i * stretch, (i + 1) * stretch);
    return part.reduce((sum, loss) => sum + loss, 0) / part.length;
  });
}
