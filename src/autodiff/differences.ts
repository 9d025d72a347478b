/** Gradients against finite differences: along random directions, and at single entries. */
import { random } from '../tensor/random.js';
import { type Estimate, estimate } from './plateau.js';

/** A function of named arrays, and what is claimed to be its gradient at a point. */
export interface Claim {
  value(at: ReadonlyMap<string, Float64Array>): Promise<number>;
  readonly point: ReadonlyMap<string, Float64Array>;
  readonly gradients: ReadonlyMap<string, Float64Array>;
  /** The precision the function is computed in. */
  readonly dtype: 'float32' | 'float64';
}

export interface DifferenceOptions {
  /** Random directions per array, and as many along the gradient with every entry drawn out by a random factor. */
  readonly directions: number;
  /** Single entries per array: those with the largest gradient first, as many others drawn. */
  readonly entries: number;
  /** Largest error, relative to the size of the gradient. */
  readonly tolerance: number;
  readonly seed: number;
  onCheck?(done: number, total: number): void;
}

export interface Difference {
  readonly of: string;
  /** The flat index of a single entry; absent for a direction. */
  readonly entry?: number;
  readonly along: 'random' | 'gradient' | 'entry';
  readonly gradient: number;
  readonly difference: number;
  /** |gradient - difference|, relative to the size of the gradient; 0 where both are zero to the last digits of the value. */
  readonly error: number;
  /** How far the difference itself is unsure, in the same units: what it moves by when its step shrinks. */
  readonly noise: number;
  /**
   * Why it does not count; absent where it does. A kink: the one-sided differences disagree, however small the step. Noise: no
   * step gives the difference to half the tolerance.
   */
  readonly leftOut?: 'kink' | 'noise';
}

/** Of the central differences, relative to the size of the array. */
const steps = { float32: [1e-1, 3e-2, 1e-2, 3e-3, 1e-3], float64: [1e-4, 1e-5, 1e-6, 1e-7] } as const;
/** How many entries a random direction moves: many cross more kinks than float32 can tell from an error. */
const moved = { float32: 32, float64: Number.POSITIVE_INFINITY } as const;
const epsilons = { float32: 2 ** -23, float64: 2 ** -52 } as const;
/** Smaller gradients are measured by this, of the largest gradient of all. */
const smallest = 1e-4;
/** Every difference taken, the worst first; those that do not count last. */
export async function takeDifferences(claim: Claim, options: DifferenceOptions): Promise<readonly Difference[]> {
  const start = await claim.value(claim.point);
  const probes = [...claim.point.keys()].flatMap((name) => probesOf(claim, name, options));
  const largest = Math.max(0, ...[...claim.gradients.values()].map(norm));
  const floor = smallest * largest;
  const found: Difference[] = [];
  for (const [i, probe] of probes.entries()) {
    found.push(await takeDifference(claim, probe, { start, floor, tolerance: options.tolerance }));
    options.onCheck?.(i + 1, probes.length);
  }
  return found.sort((a, b) => Number(isLeftOut(a)) - Number(isLeftOut(b)) || b.error - a.error);
}

const isLeftOut = ({ leftOut }: Difference): boolean => leftOut !== undefined;

interface Probe extends Pick<Difference, 'of' | 'along' | 'entry'> {
  readonly direction: Float64Array;
}

function probesOf(
  { point, gradients, dtype }: Claim,
  of: string,
  { directions, entries, seed }: DifferenceOptions,
): Probe[] {
  const size = point.get(of)!.length;
  const gradient = gradients.get(of)!;
  const anywhere = Array.from({ length: directions }, (_, i): Probe => {
    const draw = random(seed, `direction ${i} of ${of}`);
    const direction = new Float64Array(size);
    const chosen = moved[dtype] < size ? draw.sample(moved[dtype], size) : direction.keys();
    for (const k of chosen) direction[k] = draw.normal(k);
    return { of, along: 'random', direction };
  });
  const length = norm(gradient);
  const uphill = Array.from({ length: length > 0 ? directions : 0 }, (_, i): Probe => {
    const draw = random(seed, `factors ${i} of ${of}`);
    return { of, along: 'gradient', direction: gradient.map((each, k) => (2 * draw.uniform(k) * each) / length) };
  });
  const bySize = Array.from(gradient.keys()).sort((a, b) => Math.abs(gradient[b]!) - Math.abs(gradient[a]!));
  const drawn = random(seed, `entries of ${of}`).sample(Math.min(entries, size), size);
  const single = [...new Set([...bySize.slice(0, entries), ...drawn])].map((entry): Probe => {
    const direction = new Float64Array(size);
    direction[entry] = 1;
    return { of, along: 'entry', entry, direction };
  });
  return size === 0 ? [] : [...anywhere, ...uphill, ...single];
}

interface Around {
  /** The value at the point itself. */
  readonly start: number;
  readonly floor: number;
  readonly tolerance: number;
}

async function takeDifference(
  { value, point, gradients, dtype }: Claim,
  { direction, ...probe }: Probe,
  { start, floor, tolerance }: Around,
): Promise<Difference> {
  const { of, along } = probe;
  const x = point.get(of)!;
  const gradient = gradients.get(of)!;
  const slope = gradient.reduce((sum, each, i) => sum + each * direction[i]!, 0);
  const size = along === 'random' ? norm(gradient.map((each, i) => each * direction[i]!)) : Math.abs(slope);
  const scale = Math.max(size, floor, Number.MIN_VALUE);
  const unit = Math.min(10, Math.max(1e-2, rootMeanSquare(x)));
  const line = (by: number): Promise<number> =>
    value(new Map([...point, [of, x.map((each, i) => each + by * direction[i]!)]]));
  const found = await estimate(
    line,
    start,
    steps[dtype].map((step) => step * unit),
    { scale, tolerance, epsilon: epsilons[dtype] },
  );
  // a gradient that moves the value by no more than its last digits is zero, as far as the value tells
  const isZero = Math.abs(slope) * unit <= 64 * epsilons[dtype] * Math.abs(start);
  if (isZero && Math.abs(found.slope) <= 4 * found.noise) {
    return { ...probe, gradient: slope, difference: found.slope, error: 0, noise: 0 };
  }
  return { ...probe, ...judged(found, slope, scale, tolerance) };
}

function judged(
  { slope: difference, noise, isKink }: Estimate,
  gradient: number,
  scale: number,
  tolerance: number,
): Omit<Difference, 'of' | 'along'> {
  const whole = Math.max(scale, Math.abs(difference));
  const error = Math.abs(gradient - difference) / whole;
  // what is not finite counts, as infinitely wrong
  const counts = !Number.isFinite(difference) || (!isKink && noise / whole <= tolerance / 2);
  const reason = counts ? undefined : isKink ? 'kink' : 'noise';
  return {
    gradient,
    difference,
    error: Number.isFinite(error) ? error : Number.POSITIVE_INFINITY,
    noise: noise / whole,
    ...(reason && { leftOut: reason }),
  };
}

const norm = (x: Float64Array): number => Math.sqrt(x.reduce((sum, each) => sum + each * each, 0));

const rootMeanSquare = (x: Float64Array): number => norm(x) / Math.sqrt(Math.max(1, x.length));
