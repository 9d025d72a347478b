/** fit: the one loop over weights, for reconstruction and for training. */
import { UserError } from '../errors.js';
import type { CompileOptions } from '../runtime/program.js';
import { random } from '../tensor/random.js';
import type { Tensor } from '../tensor/tensor.js';
import { Judge } from './judge.js';
import type { FitProblem } from './problem.js';
import { type FitState, Stepper, type StepperOptions } from './stepper.js';

export interface FitOptions extends StepperOptions, CompileOptions {
  /** Passes over the batches, at least 1. */
  readonly epochs: number;
  /** Of the order of batches, new in every epoch; absent: their own order, every time. */
  readonly shuffle?: number;
  /** Epochs without a better loss before it ends; default: never before the last. */
  readonly patience?: number;
  /** Goes on from here, to the same result as without a break. */
  readonly from?: FitProgress;
  /** Called after each epoch with all that is needed to go on. */
  onEpoch?(progress: FitProgress): void | Promise<void>;
  /** Called between calls of the runtime. */
  onSteps?(done: number, total: number): void;
  /** What errors call that which is fitted; default `fit`. */
  readonly name?: string;
  readonly signal?: AbortSignal;
}

/** Where a fit is: plain data and tensors. */
export interface FitProgress {
  readonly epoch: number;
  readonly state: FitState;
  readonly best: { readonly epoch: number; readonly loss: number; readonly weights: ReadonlyMap<string, Tensor> };
  /** The loss of each step so far. */
  readonly losses: readonly number[];
  /** The judged loss before the first step and after each epoch. */
  readonly judged: readonly number[];
}

export interface Fitted {
  /** The best weights found, by name; the ones at the start where no step made them better. */
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly losses: readonly number[];
  readonly judged: readonly number[];
  /** The epoch that gave the best weights; 0 is the start. */
  readonly bestEpoch: number;
  readonly steps: number;
}

/**
 * Descends on the mean loss over batches and keeps the best weights, judged after each epoch. The result depends on neither the
 * number of steps in one call of the runtime nor on breaks between epochs.
 * @throws UserError when there is nothing to train or no batch, or when the loss is not a number from the start.
 */
export async function fit(problem: FitProblem, options: FitOptions): Promise<Fitted> {
  const { batches, validation = batches, weights } = problem;
  const { epochs, patience = Number.POSITIVE_INFINITY, signal, accumulate = 1 } = options;
  if (weights.length === 0) throw new UserError('fit', 'expected weights to train, got none; name some that may move');
  if (validation.count === 0) throw new UserError('fit', 'expected batches to judge by, got none; give some');
  const perEpoch = Math.floor(batches.count / accumulate);
  if (perEpoch === 0) {
    throw new UserError('fit', `expected at least ${accumulate} batches, one step's, got ${batches.count}; give more`);
  }
  const judge = await Judge.open(problem, validation, options);
  const stepper = await Stepper.open(problem, options);
  try {
    let progress = options.from ?? (await startOf(stepper, judge, options));
    while (progress.epoch < epochs && progress.epoch - progress.best.epoch < patience) {
      const order = orderOf(batches.count, progress.epoch, options.shuffle);
      const losses: number[] = [];
      const done = progress.epoch * perEpoch;
      let state = progress.state;
      while (losses.length < perEpoch) {
        signal?.throwIfAborted();
        const from = losses.length * accumulate;
        const next = await stepper.run(state, order.subarray(from, perEpoch * accumulate), perEpoch * epochs, signal);
        state = next.state;
        losses.push(...next.losses);
        options.onSteps?.(done + losses.length, perEpoch * epochs);
      }
      progress = advance(progress, state, losses, await judge.loss(state.weights, signal));
      await options.onEpoch?.(progress);
    }
    const { best, judged } = progress;
    const steps = progress.losses.length;
    return { weights: stepper.masked(best.weights), losses: progress.losses, judged, bestEpoch: best.epoch, steps };
  } finally {
    await stepper.release();
    await judge.release();
  }
}

async function startOf(stepper: Stepper, judge: Judge, { name, signal }: FitOptions): Promise<FitProgress> {
  const state = stepper.start();
  const loss = await judge.loss(state.weights, signal);
  if (!Number.isFinite(loss)) {
    const advice = 'look for numbers in the calibration data, or weights, that overflow there';
    throw new UserError(name ?? 'fit', `expected a finite loss before the first step, got ${loss}; ${advice}`);
  }
  const best = { epoch: 0, loss, weights: state.weights };
  return { epoch: 0, state, best, losses: [], judged: [loss] };
}

/** A loss that is not a number is never the best: weights that ran away are forgotten. */
function advance(before: FitProgress, state: FitState, losses: readonly number[], loss: number): FitProgress {
  const epoch = before.epoch + 1;
  return {
    epoch,
    state,
    best: loss < before.best.loss ? { epoch, loss, weights: state.weights } : before.best,
    losses: [...before.losses, ...losses],
    judged: [...before.judged, loss],
  };
}

const orderOf = (count: number, epoch: number, seed: number | undefined): Uint32Array =>
  seed === undefined
    ? Uint32Array.from({ length: count }, (_, i) => i)
    : random(seed, `epoch ${epoch}`).permutation(count);
