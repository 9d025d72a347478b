/** Optimisers: how a gradient moves a weight, emitted as the nodes of one step. */
import type { Value } from '../ir/types.js';
import type { Builder } from '../ops/builder.js';

/** What one step knows of one weight. All values are float32 and, but for the two scalars, of the weight's shape. */
export interface Step {
  readonly weight: Value;
  readonly gradient: Value;
  /** In the order of `Optimiser.slots`. */
  readonly slots: readonly Value[];
  /** The learning rate, a scalar. */
  readonly rate: Value;
  /** The number of this step from 1 on, a scalar. */
  readonly count: Value;
}

export interface Stepped {
  readonly weight: Value;
  readonly slots: readonly Value[];
}

export interface Optimiser {
  readonly name: string;
  /** What is remembered of each weight from step to step, zeros at the start. */
  readonly slots: readonly string[];
  /** A weight at 0 whose gradient and slots are 0 stays there: masks hold. */
  emit(g: Builder, step: Step): Stepped;
}
