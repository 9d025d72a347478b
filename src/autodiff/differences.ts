/** Gradients against finite differences: along random directions, and at single entries. */
import { random } from '../tensor/random.js';

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
  /** |gradient - difference| beyond what rounding explains, relative to the size of the gradient. */
  readonly error: number;
  /** The two one-sided differences disagree: the function has a kink there, and no central difference. */
  readonly isKink: boolean;
}

/**
 * Of the central difference, relative to the size of the array. At the first, rounding and curvature weigh about the same; smaller
 * ones cross fewer kinks, as long as rounding does not blur them.
 */
const steps = { float32: [1e-2, 3e-3, 1e-3, 3e-4], float64: [1e-5, 1e-6, 1e-7] } as const;
/** How many entries a random direction moves: many cross more kinks than float32 can tell from an error. */
const moved = { float32: 32, float64: Number.POSITIVE_INFINITY } as const;
const epsilons = { float32: 2 ** -23, float64: 2 ** -52 } as const;

/** Every difference taken, the worst first; kinks last. */
export async function takeDifferences(claim: Claim, options: DifferenceOptions): Promise<readonly Difference[]> {
  const start = await claim.value(claim.point);
  const probes = [...claim.point.keys()].flatMap((name) => probesOf(claim, name, options));
  const found: Difference[] = [];
  for (const [i, probe] of probes.entries()) {
    found.push(await takeDifference(claim, probe, start, options.tolerance));
    options.onCheck?.(i + 1, probes.length);
  }
  return found.sort((a, b) => Number(a.isKink) - Number(b.isKink) || b.error - a.error);
}

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

/** At the first step at which they agree; else at the one at which they come closest. */
async function takeDifference(claim: Claim, probe: Probe, start: number, tolerance: number): Promise<Difference> {
  let best: Difference | undefined;
  for (const step of steps[claim.dtype]) {
    const { blur, ...found } = await differenceAt(claim, probe, start, step);
    if (best && blur > tolerance) break;
    if (!best || isBetter(found, best)) best = found;
    if (!best.isKink && best.error <= tolerance) break;
  }
  return best!;
}

async function differenceAt(
  { value, point, gradients, dtype }: Claim,
  { direction, ...probe }: Probe,
  start: number,
  relativeStep: number,
): Promise<Difference & { readonly blur: number }> {
  const { of, along } = probe;
  const x = point.get(of)!;
  const gradient = gradients.get(of)!;
  const step = relativeStep * Math.min(10, Math.max(1e-2, rootMeanSquare(x)));
  const at = (by: number): Promise<number> =>
    value(new Map([...point, [of, x.map((each, i) => each + by * direction[i]!)]]));
  const [right, left] = [await at(step), await at(-step)];
  const difference = (right - left) / (2 * step);
  const slope = gradient.reduce((sum, each, i) => sum + each * direction[i]!, 0);
  const size = along === 'random' ? norm(gradient.map((each, i) => each * direction[i]!)) : Math.abs(slope);
  const scale = Math.max(size, Math.abs(difference), Number.MIN_VALUE);
  const rounding = (64 * epsilons[dtype] * Math.max(Math.abs(start), 1e-3)) / step;
  const bend = Math.abs(right - 2 * start + left) / step;
  const error = Math.max(0, Math.abs(slope - difference) - rounding) / scale;
  return {
    ...probe,
    gradient: slope,
    difference,
    error: Number.isFinite(error) ? error : Number.POSITIVE_INFINITY,
    isKink: bend > 0.1 * scale + 2 * rounding,
    blur: rounding / scale,
  };
}

const isBetter = (a: Difference, b: Difference): boolean => (a.isKink === b.isKink ? a.error < b.error : b.isKink);

const norm = (x: Float64Array): number => Math.sqrt(x.reduce((sum, each) => sum + each * each, 0));

const rootMeanSquare = (x: Float64Array): number => norm(x) / Math.sqrt(Math.max(1, x.length));
