/** The slope of a function of one number at 0, by central differences: the step is chosen by the differences alone. */

export interface Estimate {
  readonly slope: number;
  /** What the difference moved by from the step before, or what rounding alone makes of it: an estimate of its error. */
  readonly noise: number;
  /** The one-sided differences disagree, and do not come closer as the step shrinks. */
  readonly isKink: boolean;
}

export interface EstimateOptions {
  /** What errors are measured by; |slope| where that is larger. */
  readonly scale: number;
  /** The search ends where the noise is a tenth of this. */
  readonly tolerance: number;
  /** Of the precision that the function is computed in. */
  readonly epsilon: number;
}

/** One step. */
interface Central {
  readonly step: number;
  readonly slope: number;
  /** By how much the one-sided differences differ: in proportion to the step where the function is smooth. */
  readonly bend: number;
}

/**
 * Central differences with shrinking steps, each two in a row extrapolated to step 0 (Richardson). Taken is the first that
 * stands still, else the stillest: large steps bend and cross kinks, small ones drown in rounding. What the slope should be plays
 * no part in it.
 * @param steps falling; @param start the function at 0
 */
export async function estimate(
  line: (by: number) => Promise<number>,
  start: number,
  steps: readonly number[],
  options: EstimateOptions,
): Promise<Estimate> {
  let before: Central | undefined;
  let best: Estimate | undefined;
  for (const step of steps) {
    const next = await central(line, start, step);
    if (before) {
      const found = extrapolated(before, next, start, options);
      if (!best || isStiller(found, best)) best = found;
      if (!best.isKink && best.noise <= (options.tolerance / 10) * Math.max(options.scale, Math.abs(best.slope))) break;
    }
    before = next;
  }
  return best!;
}

async function central(line: (by: number) => Promise<number>, start: number, step: number): Promise<Central> {
  const right = await line(step);
  const left = await line(-step);
  return { step, slope: (right - left) / (2 * step), bend: Math.abs(right - 2 * start + left) / step };
}

function extrapolated(
  wide: Central,
  narrow: Central,
  start: number,
  { scale, tolerance, epsilon }: EstimateOptions,
): Estimate {
  const change = narrow.slope - wide.slope;
  const ratio = (wide.step / narrow.step) ** 2;
  const shrinks = narrow.bend <= 3 * (narrow.step / wide.step) * wide.bend;
  const isSmall = narrow.bend <= tolerance * Math.max(scale, Math.abs(narrow.slope));
  return {
    slope: narrow.slope + change / (ratio - 1),
    noise: Math.max(Math.abs(change), (epsilon * Math.abs(start)) / narrow.step),
    isKink: !(shrinks || isSmall),
  };
}

const isStiller = (a: Estimate, b: Estimate): boolean => (a.isKink === b.isKink ? !(a.noise >= b.noise) : b.isKink);
