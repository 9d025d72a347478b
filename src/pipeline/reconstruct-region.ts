/** Reconstructs one region and keeps the result on disk: a finished region is never done again. */
import type { Graph, Value } from '../ir/types.js';
import { findParameters } from '../reconstruct/parameters.js';
import { withRegionJudge } from '../reconstruct/region-judge.js';
import type { RegionTask, Solution } from '../reconstruct/solver.js';
import { withWeights } from '../regions/propagate.js';
import type { PairStage } from '../regions/propagate-pair.js';
import { extract } from '../rewrite/extract.js';
import type { Checkpoint } from '../run/run-directory.js';
import { floatsOf } from '../tensor/convert.js';
import { sizeOf } from '../tensor/dtype.js';
import { float32, type Tensor } from '../tensor/tensor.js';
import { markPeak, peakSinceMark } from './peak-memory.js';
import { regionData } from './reconstruct-data.js';
import type { ReconstructWork } from './reconstruct-loop.js';
import { solverOf } from './reconstruct-solver.js';
import { widened } from './weight-places.js';

/** What happened to one region. */
export interface RegionFacts {
  readonly name: string;
  readonly kind: string;
  readonly layers: readonly string[];
  /** Weights that moved, zeros not counted. */
  readonly trained: number;
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
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly facts: RegionFacts;
}

interface Found {
  /** As the working copy holds them. */
  readonly weights: ReadonlyMap<Value, Tensor>;
  /** Absent where nothing of the region may move, or another process solves it. */
  readonly step?: RegionStep;
}

/** @param isFirst whether no earlier region reads a weight. */
export async function reconstructRegion(
  work: ReconstructWork,
  stage: PairStage,
  start: ReadonlyMap<Value, Tensor>,
  isFirst: (value: Value) => boolean,
  progress: { readonly done: number; readonly total: number },
): Promise<Found> {
  const { index, region } = stage;
  const graph = extract(withWeights(stage.graph, start), region.inputs, region.outputs);
  const layers = region.layers.filter((layer) => work.masking.isPruned(layer) && isFirst(layer.weight));
  const parameters = findParameters(graph, layers).filter(
    (value) => isFirst(value) && work.places.has(value, graph.initializers.get(value)!.shape),
  );
  if (layers.length === 0 || parameters.length === 0) return { weights: new Map() };
  const name = stepName(index);
  const finished = await work.run.checkpoint(name);
  if (finished) return foundIn(finished, parameters);
  if (work.isMine && !work.isMine(index)) return { weights: new Map() };
  const masks = new Map(
    layers.filter(({ weight }) => parameters.includes(weight)).map(({ weight }) => [weight, maskOf(graph, weight)]),
  );
  const task = await taskOf(work, stage, { graph, layers, parameters, masks }, progress);
  const { tensors, facts } = await solve(work, task, region);
  return foundIn(await work.run.write(name, tensors, facts), parameters);
}

function foundIn({ tensors, facts }: Checkpoint, parameters: readonly Value[]): Found {
  const weights = parameters.flatMap((value): [Value, Tensor][] => {
    const stored = tensors.get(value.name);
    return stored ? [[value, widened(stored)]] : [];
  });
  return { weights: new Map(weights), step: { tensors, facts: facts as RegionFacts } };
}

/** What is zero when the region is reached stays zero. */
export const maskOf = ({ initializers }: Graph, weight: Value): Tensor => {
  const t = initializers.get(weight) as Tensor;
  return float32(
    t.shape,
    floatsOf(t).map((value) => (value === 0 ? 0 : 1)),
  );
};

async function taskOf(
  { graph: dense, data, engine, seed, context, request }: ReconstructWork,
  stage: PairStage,
  own: Pick<RegionTask, 'graph' | 'layers' | 'parameters' | 'masks'>,
  { done, total }: { readonly done: number; readonly total: number },
): Promise<RegionTask> {
  const { region, inputs, teacher } = stage;
  const targets = await stage.targets();
  const part = (indices: readonly number[]) => regionData(indices, inputs, targets, teacher);
  const isCounted = request.solver === 'descent';
  return {
    name: `region '${region.name}'`,
    ...own,
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
): Promise<RegionStep> {
  const begin = performance.now();
  markPeak();
  const solution = await solverOf(work.request, work.data.accumulate)(task);
  const moved = [...solution.weights];
  const tensors = new Map(
    moved.map(([value, t]): [string, Tensor] => [value.name, work.places.store(value, t, task.masks.get(value))]),
  );
  const error = await relativeErrors(task, new Map(moved.map(([value]) => [value, widened(tensors.get(value.name)!)])));
  const facts: RegionFacts = {
    name,
    kind,
    layers: layers.map((layer) => layer.name),
    trained: moved.reduce((sum, [value, { shape }]) => sum + keptOf(task.masks.get(value), shape), 0),
    before: solution.before,
    after: solution.after,
    error,
    losses: thinned(solution.losses),
    steps: solution.losses.length,
    judged: solution.judged,
    seconds: (performance.now() - begin) / 1000,
    peakMemoryBytes: peakSinceMark(),
  };
  return { tensors, facts };
}

export const keptOf = (mask: Tensor | undefined, shape: readonly number[]): number =>
  mask ? floatsOf(mask).reduce((sum, value) => sum + value, 0) : sizeOf(shape);

/** @param weights that moved, as they are stored. */
async function relativeErrors(
  task: RegionTask,
  weights: ReadonlyMap<Value, Tensor>,
): Promise<{ before: number; after: number }> {
  const { heldOut: _, ...onTrained } = task;
  const start = new Map([...weights.keys()].map((value) => [value, task.graph.initializers.get(value) as Tensor]));
  const { energy, elements } = energyOf(task);
  const [before, after] = await withRegionJudge(onTrained, [...weights.keys()], 'mse', async (loss) => [
    await loss(start),
    await loss(weights),
  ]);
  const share = energy === 0 ? 0 : elements / energy;
  return { before: (before as number) * share, after: (after as number) * share };
}

/** The sum of squares of all targets, and how many numbers they are. */
function energyOf({ data }: Pick<RegionTask, 'data'>): { energy: number; elements: number } {
  let energy = 0;
  let elements = 0;
  for (let index = 0; index < data.count; index++) {
    for (const target of data.targets(index).values()) {
      const values = floatsOf(target);
      for (let i = 0; i < values.length; i++) energy += values[i]! * values[i]!;
      elements += values.length;
    }
  }
  return { energy, elements };
}

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
