/** The job of `scalpel train --dry-run`: a few steps of the first training, a judgement, and the first fit of each baseline. */
import type { JobContext } from '../../runtime/job.js';
import { sizeOf } from '../../tensor/dtype.js';
import { rounds } from '../../train/search/hyperband.js';
import { noWork, plus, workOf } from '../../train/search/work.js';
import { stepsOf } from '../../train/settings.js';
import { type Engine, startEngine } from '../engine.js';
import { peakMemory } from '../peak-memory.js';
import { runBaselines } from '../train/baselines.js';
import { runCells } from '../train/cells.js';
import { checkTrainings } from '../train/check.js';
import { drawnFor, testedOn } from '../train/draws.js';
import { inputsOf } from '../train/manifest.js';
import { cellsOf, checkOutputs, filesIn } from '../train/places.js';
import type { SearchRequest, TrainRequest } from '../train/request.js';
import { openScene, type TrainScene } from '../train/scene.js';
import { savingSeconds } from './costs.js';
import type { DryRun, EstimatedPart } from './dry-run.js';
import { FitClock, type FitTimes } from './fit-clock.js';
import { lookAtFolder } from './folder.js';
import { DryRunNotes } from './notes.js';
import { StepsInMemory } from './steps-in-memory.js';

/** Steps that are tried first, and those of a second trial where these were quick. */
const fewSteps = 3;
const moreSteps = 20;
const cheapSeconds = 1;

/** Test series that are judged in the trial, at most. */
const fewTested = 300;

/** A baseline that takes longer for its first labels is not estimated. */
const mostSeconds = 5;

/** Weights, two slots of the optimiser, an average and the best so far. */
const keptForms = 5;

/** @throws UserError where the model, the series or the provider cannot be had: the command would end there too. */
export async function run(request: TrainRequest, context: JobContext): Promise<DryRun> {
  const notes = new DryRunNotes('train');
  const { output } = request;
  await lookAtFolder(notes, 'train', output, (folder) => filesIn(folder, request));
  const started = performance.now();
  const scene = await openScene(request);
  const { training, validation, test, warnings } = scene.sets;
  if (scene.start) notes.model(scene.start);
  notes.data('training', training);
  if (validation) notes.data('validation', validation);
  if (test) notes.data('test', test);
  for (const text of warnings) notes.warn(text);
  if (output) {
    const read = await inputsOf(scene, request, context.signal);
    await notes.attempt(() => checkOutputs(output, request, read));
  }
  const prepare = { what: 'prepare', seconds: (performance.now() - started) / 1000 };
  const isDrawn = await notes.attempt(() => {
    checkTrainings(scene, request);
    return true;
  });
  if (!isDrawn) return notes.finish(request.engine, undefined);
  const engine = await startEngine(request.engine, context);
  const trial = { request, scene, engine, context };
  const times = await notes.run(scene.graphFor(request.draws.seeds[0]!), () => timesOf(trial));
  if (!times) return notes.finish(request.engine, undefined);
  const parts = [
    prepare,
    ...(request.search ? [searchPart(trial, request.search, times)] : []),
    trainingPart(trial, times),
    ...(await baselineParts(notes, trial)),
  ];
  const bytes = 4 * weightsIn(scene, request);
  if (output) parts.push({ what: 'save', seconds: filesIn(output.folder, request).length * savingSeconds(bytes) });
  const cells = cellsOf(request).length;
  const diskBytes = output ? bytes * (2 * keptForms + cells + (request.savesAll ? cells : 0) + 1) : 0;
  return notes.finish(request.engine, { parts, memoryBytes: peakMemory(), diskBytes });
}

interface Trial {
  readonly request: TrainRequest;
  readonly scene: TrainScene;
  readonly engine: Engine;
  readonly context: JobContext;
}

/** Few steps first; more where these were quick, as the first runs of a session take longer than those that follow. */
async function timesOf(trial: Trial): Promise<FitTimes> {
  const { steps } = trial.request.training;
  const first = await shortTraining(trial, Math.min(fewSteps, steps));
  const isCheap = fewSteps * first.secondsPerStep < cheapSeconds;
  return isCheap && steps > fewSteps ? shortTraining(trial, Math.min(moreSteps, steps)) : first;
}

async function shortTraining({ request, scene, engine, context }: Trial, steps: number): Promise<FitTimes> {
  const short = shortened(request, steps);
  const clock = new FitClock(context);
  await runCells({ request: short, scene, engine, run: new StepsInMemory(), context: clock.context });
  const { validation, test } = seriesIn(scene, short);
  // validation series once in training, once more for the figures
  return clock.times({ before: 0, after: 2 * validation + test })!;
}

function shortened(request: TrainRequest, steps: number): TrainRequest {
  const { training, draws } = request;
  const { budgets, seeds, test = fewTested } = draws;
  return {
    ...request,
    training: { ...training, steps, every: steps },
    draws: { ...draws, budgets: budgets.slice(0, 1), seeds: seeds.slice(0, 1), test: Math.min(test, fewTested) },
  };
}

/** Series that one training is trained and judged on, by the first number of labels unless told. */
function seriesIn({ sets }: TrainScene, { draws }: TrainRequest, budget = draws.budgets[0]!) {
  const { data, validation } = drawnFor(sets, budget, draws.seeds[0]!, draws);
  return { labels: data.labelled.count, validation: validation.count, test: testedOn(sets, draws)?.count ?? 0 };
}

function searchPart({ scene, request }: Trial, { trials, minutes }: SearchRequest, times: FitTimes): EstimatedPart {
  const { every } = request.training;
  const limit = minutes === undefined ? Number.POSITIVE_INFINITY : 60 * minutes;
  if (trials === undefined) return { what: 'search', seconds: limit };
  const { labels, validation } = seriesIn(scene, request);
  const steps = stepsOf(request.training, labels);
  const work = [...rounds({ steps }, trials)].reduce((sum, bracket) => plus(sum, workOf(bracket)), noWork);
  const perStep = times.secondsPerStep + (validation / every) * times.secondsPerJudged;
  const seconds = work.evaluations * times.fixedSeconds + work.steps * perStep;
  return { what: `search: ${trials} ${trials === 1 ? 'trial' : 'trials'}`, seconds: Math.min(limit, seconds) };
}

function trainingPart({ scene, request }: Trial, times: FitTimes): EstimatedPart {
  const { budgets, seeds } = request.draws;
  const trainings = budgets.map((budget) => {
    const { labels, validation, test } = seriesIn(scene, request, budget);
    const steps = stepsOf(request.training, labels);
    const judged = (Math.ceil(steps / request.training.every) + 1) * validation + test;
    return { steps, seconds: times.fixedSeconds + steps * times.secondsPerStep + judged * times.secondsPerJudged };
  });
  const cells = cellsOf(request).length;
  const most = Math.max(...trainings.map(({ steps }) => steps));
  const what = `${request.algorithm}: ${cells} ${cells === 1 ? 'training' : 'trainings'} of at most ${most} steps`;
  return { what, seconds: seeds.length * trainings.reduce((sum, { seconds }) => sum + seconds, 0) };
}

async function baselineParts(notes: DryRunNotes, { request, scene, engine, context }: Trial): Promise<EstimatedPart[]> {
  const parts: EstimatedPart[] = [];
  const cells = cellsOf(request).length;
  for (const name of request.baselines) {
    const limit = AbortSignal.timeout(mostSeconds * 1000);
    const signal = AbortSignal.any([context.signal, limit]);
    try {
      const short = { ...shortened(request, 1), baselines: [name] };
      const quiet = { ...context, signal, emit: () => {} };
      const [first] = await runBaselines({ request: short, scene, engine, run: new StepsInMemory(), context: quiet });
      parts.push({ what: `${name}: ${cells} ${cells === 1 ? 'fit' : 'fits'}`, seconds: cells * first!.seconds });
    } catch (error) {
      if (!limit.aborted || context.signal.aborted) throw error;
      notes.warn(`${name} takes more than ${mostSeconds} s for its first labels: it is not in the estimate`);
    }
  }
  return parts;
}

function weightsIn(scene: TrainScene, { draws }: TrainRequest): number {
  const { initializers } = scene.graphFor(draws.seeds[0]!);
  return [...initializers.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
