/** Goals: what the model should say instead. */
import { UserError } from '../../errors.js';
import { largest } from '../../oracle/readings.js';

export type Goal =
  /** The most likely other class: of two classes the opposite one. */
  | { readonly kind: 'other' }
  | { readonly kind: 'class'; readonly label: number }
  /** The label so many further on, from the last to the first. */
  | { readonly kind: 'offset'; readonly by: number }
  /** What a regressor says, between the two; either may be infinite. */
  | { readonly kind: 'range'; readonly low: number; readonly high: number };

/** A goal and how surely it is to be reached. */
export interface Wish {
  readonly goal: Goal;
  /** Probability that the target class is to have, in [0, 1); absent: more than any other class. */
  readonly probability?: number | undefined;
  /** By how much the score is to be beyond the boundary, in logits or in the regressor's unit; default 0. */
  readonly margin?: number | undefined;
}

/** What one instance is to become: its class, or 0 where the goal is a range. */
export type Label = number;

export const isRange = (goal: Goal): goal is Extract<Goal, { kind: 'range' }> => goal.kind === 'range';

/** @throws UserError for what the model cannot say. */
export function checkGoal({ goal, probability, margin = 0 }: Wish, classes: number): void {
  if (!(margin >= 0 && Number.isFinite(margin)))
    throw new UserError('--margin', `expected a number of 0 or more, got ${margin}`);
  if (goal.kind === 'range') {
    if (!(goal.low < goal.high))
      throw new UserError('--range', `expected the lower number first, got ${goal.low},${goal.high}`);
    if (2 * margin >= goal.high - goal.low)
      throw new UserError(
        '--margin',
        `expected less than half of the range, ${(goal.high - goal.low) / 2}, got ${margin}`,
      );
    return;
  }
  if (probability !== undefined && !(probability > 0 && probability < 1))
    throw new UserError('--probability', `expected a number between 0 and 1, got ${probability}`);
  if (goal.kind === 'class' && !(goal.label < classes))
    throw new UserError('--target', `expected a label below ${classes}, the model's classes, got ${goal.label}`);
  if (goal.kind === 'offset' && goal.by % classes === 0)
    throw new UserError('--target', `expected an offset that is no multiple of the ${classes} classes, got ${goal.by}`);
}

/** @param scores of the instance as it is. */
export function labelFor(goal: Goal, scores: Float32Array): Label {
  if (goal.kind === 'range') return 0;
  if (goal.kind === 'class') return goal.label;
  const now = largest(scores);
  if (goal.kind === 'offset') return (((now + goal.by) % scores.length) + scores.length) % scores.length;
  return largest(scores.map((score, c) => (c === now ? Number.NEGATIVE_INFINITY : score)));
}
