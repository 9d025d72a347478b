/** The search of a request: trials by the schedule of Hyperband, kept as they are finished. */
import { inMemory } from '../../run/alternating.js';
import type { Steps } from '../../run/run-directory.js';
import { settle } from '../../settings/index.js';
import type { Algorithm } from '../../train/algorithm.js';
import { algorithmNamed } from '../../train/algorithms/index.js';
import { trainCell } from '../../train/cell.js';
import { isDivergence } from '../../train/divergence.js';
import { isSound } from '../../train/judgement.js';
import {
  defaultsOf,
  type KeptOutcome,
  type SearchResult,
  type Settings,
  search,
  spacesFor,
  type TrainerOption,
  type Trial,
  withSettings,
} from '../../train/search/index.js';
import { stepsOf, type TrainingSettings, usualSettings } from '../../train/settings.js';
import type { TrainProgress } from '../../train/train.js';
import { type CellWork, taskOf } from './cells.js';
import { type Drawn, drawnFor } from './draws.js';
import type { SearchRequest, TrainRequest } from './request.js';
import { trainingState } from './train-checkpoints.js';

export interface FoundSettings {
  /** With the best settings for all trainings. */
  readonly request: TrainRequest;
  readonly result: SearchResult;
}

/** The step that holds what trials came to. */
const ledger = 'search';

/** @throws UserError (exit 5) when every trial fails. */
export async function runSearch(work: CellWork, { trials, minutes }: SearchRequest): Promise<FoundSettings> {
  const { request, scene, run, context } = work;
  const { draws, training, given } = request;
  const [budget, seed] = [draws.budgets[0]!, draws.seeds[0]!];
  const drawn = drawnFor(scene.sets, budget, seed, draws);
  const algorithm = algorithmNamed(request.algorithm);
  const spaces = spacesFor(algorithm, training, {
    trainer: heldBy(training, algorithm),
    algorithm: Object.keys(given),
  });
  const known = new Map(((await run.checkpoint(ledger))?.facts as [string, KeptOutcome][] | undefined) ?? []);
  const result = await search({
    spaces,
    first: defaultsOf(algorithm, training, spaces),
    seed,
    steps: stepsOf(training, drawn.data.labelled.count),
    ...(trials !== undefined && { trials }),
    ...(minutes !== undefined && { minutes }),
    known,
    evaluate: (trial) => evaluated(work, trial, drawn, seed),
    onOutcome: async ({ key }, outcome) => {
      known.set(key, outcome);
      await run.write(ledger, new Map(), [...known]);
    },
    onRung: ({ ended }) => {
      for (const id of ended) run.remove(nameOf(id));
    },
    onProgress: ({ done, left }) =>
      context.emit({
        type: 'progress',
        stage: 'search',
        done: done.steps,
        total: done.steps + (left?.steps ?? 0),
        unit: 'steps',
      }),
    signal: context.signal,
  });
  return { request: settled(request, result.best.settings), result };
}

const nameOf = (id: number): string => `trial-${id}`;

/** A trial that goes on does so from where its last rung ended. */
async function evaluated({ request, scene, engine, run, context }: CellWork, trial: Trial, drawn: Drawn, seed: number) {
  const asked = settled(request, trial.settings);
  const network = scene.networkFor(scene.graphFor(seed));
  const from = trial.from > 0 ? await progressFrom(run, trial) : undefined;
  let last: TrainProgress | undefined;
  try {
    await trainCell(taskOf(asked, scene, network, drawn, seed), {
      ...engine,
      ...(from && { from }),
      until: trial.steps,
      onProgress: (progress) => {
        last = progress;
      },
      signal: context.signal,
    });
  } catch (error) {
    if (!isDivergence(error)) throw error;
    return { score: Number.NEGATIVE_INFINITY, failed: (error as Error).message };
  }
  const reached = last ?? from;
  if (reached) {
    const { tensors, facts } = trainingState.pack(reached);
    await run.write(nameOf(trial.id), tensors, facts);
  }
  // of a rung that ends before weights are chosen, what it has come to
  const judged = reached?.best.judgement ?? reached?.curve.map(({ validation }) => validation).findLast(isSound);
  return {
    score: judged?.weightedAuc ?? Number.NEGATIVE_INFINITY,
    ...(judged && { tie: judged.logLoss }),
    ...(!judged && { failed: 'no weights were judged to be any good' }),
  };
}

/** Where it ended; one whose state was lost begins again. */
async function progressFrom(run: Steps, { id }: Trial): Promise<TrainProgress | undefined> {
  const kept = await run.checkpoint(nameOf(id));
  return kept && trainingState.unpack(inMemory(kept));
}

function settled(request: TrainRequest, settings: Settings): TrainRequest {
  const algorithm = algorithmNamed(request.algorithm);
  const given = { ...request.given, ...settings.algorithm };
  settle(algorithm, given);
  return { ...request, given, training: withSettings(algorithm, request.training, settings) };
}

/** What the user set is not searched. */
function heldBy(training: TrainingSettings, { usual }: Algorithm): TrainerOption[] {
  const { augment } = { ...usualSettings, ...usual };
  const names = ['rate', 'weightDecay'] as const;
  return [
    ...names.filter((name) => training[name] !== usualSettings[name]),
    ...(training.augment === augment ? [] : (['augmentations', 'strength'] as const)),
  ];
}
