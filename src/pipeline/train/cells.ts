/** The trainings of a request, one after the other; finished ones are kept and not done again. */

import type { LabelledSeries } from '../../data/series.js';
import { classificationOf } from '../../evaluate/classification.js';
import type { Classification } from '../../evaluate/index.js';
import type { Graph } from '../../ir/types.js';
import type { Steps } from '../../run/run-directory.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { secondsInRuntime } from '../../runtime/spent.js';
import { settle } from '../../settings/index.js';
import type { Tensor } from '../../tensor/tensor.js';
import { algorithmNamed } from '../../train/algorithms/index.js';
import { type CellTask, trainCell } from '../../train/cell.js';
import { evaluator } from '../../train/evaluator.js';
import type { Trained } from '../../train/train.js';
import type { Engine } from '../engine.js';
import { type Drawn, drawnFor, testedOn } from './draws.js';
import { cellsOf } from './places.js';
import type { TrainRequest } from './request.js';
import type { TrainScene } from './scene.js';
import { trainCheckpoints } from './train-checkpoints.js';

/** What is known of a finished training, weights aside. */
export interface CellFacts extends Pick<Trained, 'curve' | 'steps' | 'stoppedEarly'> {
  readonly budget: number | 'all';
  /** Labels used. */
  readonly labels: number;
  readonly unlabelled: number;
  readonly seed: number;
  readonly best: Omit<Trained['best'], 'weights'>;
  readonly test?: Classification;
  readonly validation: Classification;
  readonly warnings: readonly string[];
  readonly seconds: number;
  readonly runtimeSeconds: number;
}

export interface Cell extends CellFacts {
  /** By name of the initializer. */
  readonly weights: ReadonlyMap<string, Tensor>;
}

export interface CellWork {
  readonly request: TrainRequest;
  readonly scene: TrainScene;
  readonly engine: Engine;
  readonly run: Steps;
  readonly context: JobContext;
}

export async function runCells(work: CellWork): Promise<Cell[]> {
  const { request, run } = work;
  const wanted = cellsOf(request);
  const cells: Cell[] = [];
  for (const [i, { budget, seed }] of wanted.entries()) {
    const name = `cell-${budget}-${seed}`;
    const before = await run.checkpoint(name);
    const stage =
      wanted.length === 1
        ? request.algorithm
        : `${request.algorithm} ${i + 1}/${wanted.length}: ${budget} labels, seed ${seed}`;
    if (!before) await trained(work, name, stage, budget, seed);
    const { facts, tensors } = run.finished(name);
    cells.push({ ...(facts as CellFacts), weights: tensors });
  }
  return cells;
}

async function trained(
  { request, scene, engine, run, context }: CellWork,
  name: string,
  stage: string,
  budget: number | 'all',
  seed: number,
): Promise<void> {
  const drawn = drawnFor(scene.sets, budget, seed, request.draws);
  const { data, validation } = drawn;
  const test = testedOn(scene.sets, request.draws);
  const network = scene.networkFor(scene.graphFor(seed));
  const checkpoints = trainCheckpoints(run, name);
  const from = await checkpoints.last();
  const [begin, inside] = [performance.now(), secondsInRuntime()];
  const { best, warnings, ...rest } = await trainCell(taskOf(request, scene, network, drawn, seed), {
    ...engine,
    ...(from && { from }),
    onProgress: (progress) => checkpoints.keep(progress),
    onSteps: (done, total) => context.emit({ type: 'progress', stage, done, total, unit: 'steps' }),
    signal: context.signal,
  });
  const { weights, ...judged } = best;
  const moving = [...network.initializers.keys()].filter((value) => weights.has(value.name));
  const judge = await evaluator(network, moving, engine);
  try {
    const figures = async (series: LabelledSeries): Promise<Classification> =>
      classificationOf(
        await judge.logits(series, weights, context.signal),
        series.labels,
        scene.sets.classes.length,
        scene.sets.classes,
      );
    const facts: CellFacts = {
      ...{ budget, seed, labels: data.labelled.count, unlabelled: data.unlabelled.count },
      ...rest,
      best: judged,
      validation: await figures(validation),
      ...(test && { test: await figures(test) }),
      warnings,
      seconds: (performance.now() - begin) / 1000,
      runtimeSeconds: secondsInRuntime() - inside,
    };
    await run.write(name, weights, facts);
  } finally {
    await judge.release();
  }
  checkpoints.clear();
}

/** One training as the library takes it. */
export function taskOf(
  { algorithm: name, given, training }: Pick<TrainRequest, 'algorithm' | 'given' | 'training'>,
  { masks, trained: moves, sets }: TrainScene,
  network: Graph,
  { data, validation }: Drawn,
  seed: number,
): CellTask {
  const algorithm = algorithmNamed(name);
  return {
    model: network,
    trained: moves,
    ...(masks.size > 0 && { masks }),
    classes: sets.classes.length,
    algorithm,
    options: settle(algorithm, given),
    data,
    validation,
    settings: training,
    seed,
  };
}
