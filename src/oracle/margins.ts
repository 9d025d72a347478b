/** Margins: how far scores are from a goal, as a number of logits. */

/** The label to reach when targeted, else the one to leave. */
export interface Aim {
  readonly goal: number;
  readonly targeted: boolean;
}

/**
 * Above 0 while the goal is not reached: by how much the label is above all others or, targeted, the best other above the target.
 * @param logits of one example.
 */
export function marginOf(logits: ArrayLike<number>, { goal, targeted }: Aim): number {
  let other = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < logits.length; c++) if (c !== goal) other = Math.max(other, logits[c]!);
  return targeted ? other - logits[goal]! : logits[goal]! - other;
}
