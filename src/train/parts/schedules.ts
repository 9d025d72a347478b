/** Schedules of what algorithms weigh and average by, over the steps of a run. */

export type StepSchedule = (step: number, steps: number) => number;

/** From 0 to `most` over the first `share` of the steps, and `most` after them. */
export const linearRamp =
  (most: number, share: number): StepSchedule =>
  (step, steps) =>
    most * Math.min(1, step / Math.max(1, share * steps));

/** exp(-5 (1 - s)²) of `most`: Laine, Aila, Temporal ensembling (arXiv 1610.02242). */
export const sigmoidRamp =
  (most: number, share: number): StepSchedule =>
  (step, steps) => {
    const left = 1 - Math.min(1, step / Math.max(1, share * steps));
    return most * Math.exp(-5 * left * left);
  };

/** The decay of an average whose first steps count evenly: Tarvainen, Valpola (arXiv 1703.01780). */
export const warmed =
  (decay: number): StepSchedule =>
  (step) =>
    Math.min(decay, 1 - 1 / (step + 2));
