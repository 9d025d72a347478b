/** steps: the schedules of step sizes of a search. */

export const schedules = {
  /** alpha sqrt(1 - k / K), as S-CFE's text says. */
  decay: (alpha, k, steps) => alpha * Math.sqrt(1 - k / steps),
  /** As S-CFE's code does: what is multiplied by sqrt(1 - k / K) is the step before, so that after a third of the steps nothing moves. */
  faithful: (alpha, k, steps) => {
    let step = alpha;
    for (let j = 0; j <= k; j++) step *= Math.sqrt(1 - j / steps);
    return step;
  },
  constant: (alpha) => alpha,
} as const satisfies Record<string, (alpha: number, k: number, steps: number) => number>;
