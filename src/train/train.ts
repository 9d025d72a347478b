/** train: steps of an algorithm, judged on validation series as they go; the best weights are kept. */

import type { LabelledSeries } from '../data/series.js';
import { type FitState, Stepper, type StepperOptions } from '../fit/stepper.js';
import type { Graph } from '../ir/types.js';
import type { CompileOptions } from '../runtime/program.js';
import type { Tensor } from '../tensor/tensor.js';
import { divergence } from './divergence.js';
import { evaluator } from './evaluator.js';
import { isBetter, type Judgement, judge } from './judgement.js';
import type { TrainingProblem } from './step/problem.js';
import { sumsOf } from './sums.js';

export interface TrainOptions extends StepperOptions, CompileOptions {
  /** Over which schedules and ramps run. */
  readonly steps: number;
  /** Where this call ends, before the last step; what it returns says all that is needed to go on. */
  readonly until?: number;
  /** Steps from one judgement to the next. */
  readonly every: number;
  /** Judgements without a better one before training ends; default: never before the last step. */
  readonly patience?: number;
  /** Judgements at earlier steps are told and do not count; default 0. */
  readonly chooseFrom?: number;
  /** Whose weights are judged and kept. */
  readonly keeps?: 'student' | 'teacher';
  /** Goes on from here, to the same bytes as without a break. */
  readonly from?: TrainProgress;
  /** Called after each judgement with all that is needed to go on. */
  onProgress?(progress: TrainProgress): void | Promise<void>;
  /** Called between calls of the runtime. */
  onSteps?(done: number, total: number): void;
  readonly signal?: AbortSignal;
}

/** What a step told, as means over the steps since the last judgement. */
export interface CurvePoint {
  readonly step: number;
  readonly loss: number;
  /** Of the learning rate at that step. */
  readonly rate: number;
  /** Of the loss, by name. */
  readonly terms: Readonly<Record<string, number>>;
  /** Shares in [0, 1] by name; absent where nothing was known. */
  readonly diagnostics: Readonly<Record<string, number>>;
  readonly validation?: Judgement;
}

export interface Kept {
  readonly step: number;
  readonly judgement?: Judgement;
  /** By name: trained weights and running statistics. */
  readonly weights: ReadonlyMap<string, Tensor>;
}

export interface TrainProgress {
  readonly state: FitState;
  readonly best: Kept;
  readonly curve: readonly CurvePoint[];
  /** Judgements since the best one. */
  readonly waited: number;
}

export interface Trained {
  readonly best: Kept;
  readonly curve: readonly CurvePoint[];
  readonly steps: number;
  readonly stoppedEarly: boolean;
}

/**
 * @param model in inference form, its one output the logits. @param validation decides which weights are best, by weighted AUC and then by
 * log loss; without it the last ones are.
 * @throws UserError when the loss is not a number any more.
 */
export async function train(
  problem: TrainingProblem,
  model: Graph,
  validation: LabelledSeries | undefined,
  options: TrainOptions,
): Promise<Trained> {
  const { steps, until = steps, every, patience = Number.POSITIVE_INFINITY, keeps = 'student', signal } = options;
  const { rate, schedule = () => 1, chooseFrom = 0 } = options;
  const stepper = await Stepper.open(problem, options);
  const names = new Set([...problem.weights, ...(problem.carried?.becomes?.keys() ?? [])].map(({ name }) => name));
  const moving = [...model.initializers.keys()].filter(({ name }) => names.has(name));
  const judged = validation && (await evaluator(model, moving, options));
  try {
    let progress = options.from ?? startOf(stepper, problem, keeps);
    while (progress.state.step < until && progress.waited < patience) {
      const end = Math.min(until, progress.state.step + every);
      const sums = sumsOf(problem);
      let { state } = progress;
      while (state.step < end) {
        signal?.throwIfAborted();
        const order = Uint32Array.from({ length: end - state.step }, (_, i) => state.step + i);
        const next = await stepper.run(state, order, steps, signal);
        checkLosses(next.losses, state.step);
        sums.add(next.losses, next.watched);
        state = next.state;
        options.onSteps?.(state.step, steps);
      }
      const weights = weightsOf(state, problem, keeps);
      const judgement = judged && validation && judge(await judged.logits(validation, weights, signal), validation);
      const point: CurvePoint = {
        step: end,
        ...sums.means(),
        rate: rate * schedule(end - 1, steps),
        ...(judgement && { validation: judgement }),
      };
      progress = advance(progress, { state, point, weights }, chooseFrom);
      await options.onProgress?.(progress);
    }
    const { best, curve, state } = progress;
    return { best, curve, steps: state.step, stoppedEarly: state.step < until };
  } finally {
    await stepper.release();
    await judged?.release();
  }
}

function startOf(stepper: Stepper, problem: TrainingProblem, keeps: 'student' | 'teacher'): TrainProgress {
  const state = stepper.start();
  return { state, best: { step: 0, weights: weightsOf(state, problem, keeps) }, curve: [], waited: 0 };
}

interface Stretch {
  readonly state: FitState;
  readonly point: CurvePoint;
  readonly weights: ReadonlyMap<string, Tensor>;
}

/** Without a judgement that counts the last weights are the best ones. */
function advance(before: TrainProgress, { state, point, weights }: Stretch, chooseFrom: number): TrainProgress {
  const { step } = point;
  const validation = step < chooseFrom ? undefined : point.validation;
  const wins = !validation || isBetter(validation, before.best.judgement);
  return {
    state,
    best: wins ? { step, weights, ...(validation && { judgement: validation }) } : before.best,
    curve: [...before.curve, point],
    waited: wins ? 0 : before.waited + 1,
  };
}

/** Trained weights, or their averages, and running statistics, by the names that the model has for them. */
function weightsOf(
  { weights, carried }: FitState,
  problem: TrainingProblem,
  keeps: 'student' | 'teacher',
): Map<string, Tensor> {
  const statistics = [...(problem.carried?.becomes?.keys() ?? [])].map(
    ({ name }) => [name, carried!.get(name)!] as const,
  );
  const own = [...weights].map(([name, weight]) => {
    const average = keeps === 'teacher' ? problem.averages.get(name) : undefined;
    return [name, average ? carried!.get(average)! : weight] as const;
  });
  return new Map([...own, ...statistics]);
}

function checkLosses(losses: readonly number[], from: number): void {
  const lost = losses.findIndex((loss) => !Number.isFinite(loss));
  if (lost < 0) return;
  throw divergence(losses[lost]!, from + lost + 1);
}
