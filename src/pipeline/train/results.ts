/** From finished trainings to the document of the run. */
import type { SeriesSet } from '../../data/series-sets/open.js';
import type { Scaling } from '../../data/series-sets/scaling.js';
import { budgetsOf, trainFigures } from '../../report/train-figures.js';
import type { CurvePoint, TrainCell, TrainReport } from '../../report/train-report.js';
import { settle } from '../../settings/index.js';
import { floatsOf } from '../../tensor/convert.js';
import { sizeOf } from '../../tensor/dtype.js';
import { algorithmNamed } from '../../train/algorithms/index.js';
import type { SearchResult } from '../../train/search/index.js';
import { reproductionOf } from '../making/results.js';
import { peakMemory } from '../peak-memory.js';
import type { Cell } from './cells.js';
import { chosenOf } from './chosen.js';
import { testedOn } from './draws.js';
import type { Finished, WrittenModel } from './finish.js';
import type { TrainScene } from './scene.js';

export interface Measured extends Finished {
  readonly best: Cell;
  readonly models: ReadonlyMap<Cell, WrittenModel>;
}

export async function trainReport(work: Measured): Promise<TrainReport> {
  const { request, scene, engine, manifest, cells, baselines, search, best, models, watch } = work;
  const { training, algorithm: name, given, draws } = request;
  const algorithm = algorithmNamed(name);
  const told = cells.map((cell) => cellOf(cell, models.get(cell)));
  const { steps, ...others } = training;
  return {
    schemaVersion: 1,
    kind: 'train',
    data: dataOf(work),
    model: modelOf(work),
    algorithm: {
      name,
      description: algorithm.description,
      ...(algorithm.paper !== undefined && { paper: algorithm.paper }),
      options: settle(algorithm, given),
    },
    settings: {
      labels: [...new Set(cells.map(({ labels }) => labels))],
      seeds: [...draws.seeds],
      steps,
      options: Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined)),
      threads: engine.threads,
      provider: engine.provider,
    },
    cells: told,
    budgets: budgetsOf(told),
    chosen: await chosenOf(best, work),
    ...(baselines.length > 0 && {
      baselines: baselines.map(({ name: other, labels, seed, figures }) => ({
        ...{ name: other, labels, seed },
        test: trainFigures(figures, figures.samples),
      })),
    }),
    ...(search && { search: searchOf(search) }),
    warnings: [...scene.sets.warnings],
    reproduce: reproductionOf(request.commandLine, manifest),
    timing: {
      finishedAt: new Date().toISOString(),
      totalSeconds: watch.totalSeconds,
      peakMemoryBytes: peakMemory(),
      stages: [...watch.stages],
      cells: cells.map(({ labels, seed, seconds }) => ({ labels, seed, seconds })),
      ...(baselines.length > 0 && {
        baselines: baselines.map(({ name: other, labels, seed, seconds }) => ({ name: other, labels, seed, seconds })),
      }),
    },
  };
}

function cellOf(cell: Cell, model: WrittenModel | undefined): TrainCell {
  const { labels, seed, steps, best, stoppedEarly, validation, test, curve, warnings } = cell;
  return {
    ...{ labels, seed, status: 'done', steps, bestStep: best.step, stoppedEarly },
    validation: {
      ...(validation.auc && { auc: validation.auc.weighted }),
      accuracy: validation.top1,
      logLoss: validation.logLoss,
    },
    ...(test && { test: trainFigures(test, test.samples) }),
    curves: curve.map(pointOf),
    ...(model && { model }),
    warnings: [...warnings],
  };
}

function searchOf({ trials, best, endedBy }: SearchResult): NonNullable<TrainReport['search']> {
  return {
    method: `Hyperband (arXiv 1603.06560), ended by its number of ${endedBy}`,
    trials: trials.map(({ id, bracket, rung, steps, settings, score, status }) => ({
      ...{ id, bracket, rung, steps, status },
      options: { ...settings.trainer, ...settings.algorithm },
      ...(Number.isFinite(score) && { validationAuc: score }),
    })),
    best: best.id,
  };
}

const pointOf = ({ step, terms, diagnostics, rate, validation }: Cell['curve'][number]): CurvePoint => ({
  ...{ step, losses: { ...terms }, rate },
  ...(validation && {
    ...(validation.weightedAuc !== undefined && { validationAuc: validation.weightedAuc }),
    validationAccuracy: validation.accuracy,
    validationLoss: validation.logLoss,
  }),
  ...(Object.keys(diagnostics).length > 0 && { diagnostics: { ...diagnostics } }),
});

function dataOf({ scene, request, cells }: Measured): TrainReport['data'] {
  const { training, validation, test, classes, scaling } = scene.sets;
  const tested = testedOn(scene.sets, request.draws);
  const { lengths, length, channels, provenance } = training;
  const countIn = (set: { readonly labels: Int32Array } | undefined, label: number): number =>
    set?.labels.filter((each) => each === label).length ?? 0;
  const sets = [training, validation, test].filter((set): set is SeriesSet => set !== undefined);
  const files = new Map(sets.flatMap((set) => set.provenance.files.map((file) => [file.path, file] as const)));
  return {
    description: provenance.description,
    files: [...files.values()],
    ...{ channels, length },
    ...(lengths && {
      unequal: {
        shortest: lengths.reduce((a, b) => Math.min(a, b)),
        longest: lengths.reduce((a, b) => Math.max(a, b)),
      },
    }),
    classes: classes.map((name, label) => ({
      name,
      training: countIn(training, label),
      ...(validation && { validation: countIn(validation, label) }),
      ...(tested && { test: countIn(tested, label) }),
    })),
    counts: {
      training: training.count,
      unlabelled: countIn(training, -1),
      validation: cells[0]!.validation.samples,
      test: tested?.count ?? 0,
    },
    standardise: scalingText(scaling),
  };
}

function scalingText(scaling: Scaling | undefined): string {
  if (!scaling) return 'none: series are taken as they are';
  const what = scaling.kind === 'z' ? 'to mean 0 and deviation 1' : 'to [0, 1]';
  const by = scaling.by === 'each' ? 'each series by itself' : 'by numbers of the training data';
  return `${what}, ${by}: inside the model`;
}

function modelOf({ request, scene, best }: Measured): TrainReport['model'] {
  const graph = scene.graphFor(best.seed);
  const { backbone, model } = request;
  const { name, ...options } = backbone;
  return {
    start: model ?? `fresh ${name}`,
    parameters: [...scene.trained(graph)].reduce((sum, value) => sum + sizeOf(graph.initializers.get(value)!.shape), 0),
    options: model === undefined ? options : {},
    ...(scene.masks.size > 0 && { masks: maskFacts(scene) }),
    notes: [...scene.notes],
  };
}

function maskFacts({ masks }: TrainScene): { weights: number; zeros: number } {
  let [weights, zeros] = [0, 0];
  for (const mask of masks.values()) {
    weights += sizeOf(mask.shape);
    zeros += floatsOf(mask).filter((each) => each === 0).length;
  }
  return { weights, zeros };
}
