/** Schedules: the learning rate over the steps of a run, as a fraction of the highest. */

/** @param step from 0 on; @param steps in all. @returns a number in [0, 1]. */
export type Schedule = (step: number, steps: number) => number;

const constant: Schedule = () => 1;

const linear: Schedule = (step, steps) => 1 - step / steps;

const cosine: Schedule = (step, steps) => (1 + Math.cos((Math.PI * step) / steps)) / 2;

export const schedules = { constant, linear, cosine } satisfies Record<string, Schedule>;

export type ScheduleName = keyof typeof schedules;

/** `schedule` after a linear rise over the first `floor(fraction * steps)` steps, the first of which is not 0. */
export const withWarmUp =
  (schedule: Schedule, fraction: number): Schedule =>
  (step, steps) => {
    const rise = Math.floor(fraction * steps);
    return step < rise ? (step + 1) / (rise + 1) : schedule(step - rise, steps - rise);
  };
