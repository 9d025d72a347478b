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
  /** Random directions per array. */
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
  /** The flat index of a single entry; absent for a random direction. */
  readonly entry?: number;
  readonly gradient: number;
  readonly difference: number;
  /** |gradient - difference| beyond what rounding explains, relative to the size of the gradient. */
  readonly error: number;
  /** The two one-sided differences disagree: the function has a kink there, and no central difference. */
  readonly isKink: boolean;
}

/** Of the central difference, relative to the size of the array: rounding and curvature weigh about the same. */
const steps = { float32: 1e-2, float64: 1e-5 } as const;
const epsilons = { float32: 2 ** -23, float64: 2 ** -52 } as const;

/** Every difference taken, the worst first; kinks last. */
export async function takeDifferences(claim: Claim, options: DifferenceOptions): Promise<readonly Difference[]> {
  const start = await claim.value(claim.point);
  const probes = [...claim.point.keys()].flatMap((name) => probesOf(claim, name, options));
  const found: Difference[] = [];
  for (const [i, probe] of probes.entries()) {
    found.push(await takeDifference(claim, probe, start));
    options.onCheck?.(i + 1, probes.length);
  }
  return found.sort((a, b) => Number(a.isKink) - Number(b.isKink) || b.error - a.error);
}

interface Probe {
  readonly of: string;
  readonly entry?: number;
  readonly direction: Float64Array;
}

function probesOf({ point, gradients }: Claim, of: string, { directions, entries, seed }: DifferenceOptions): Probe[] {
  const size = point.get(of)!.length;
  const gradient = gradients.get(of)!;
  const along = Array.from({ length: directions }, (_, i): Probe => {
    const draw = random(seed, `direction ${i} of ${of}`);
    return { of, direction: Float64Array.from({ length: size }, (_, k) => draw.normal(k)) };
  });
  const bySize = Array.from(gradient.keys()).sort((a, b) => Math.abs(gradient[b]!) - Math.abs(gradient[a]!));
  const drawn = random(seed, `entries of ${of}`).sample(Math.min(entries, size), size);
  const single = [...new Set([...bySize.slice(0, entries), ...drawn])].map((entry): Probe => {
    const direction = new Float64Array(size);
    direction[entry] = 1;
    return { of, entry, direction };
  });
  return size === 0 ? [] : [...along, ...single];
}

async function takeDifference(claim: Claim, { of, entry, direction }: Probe, start: number): Promise<Difference> {
  const { point, gradients, dtype } = claim;
  const x = point.get(of)!;
  const gradient = gradients.get(of)!;
  const step = steps[dtype] * Math.max(1e-2, rootMeanSquare(x));
  const moved = (by: number): Promise<number> =>
    claim.value(new Map([...point, [of, x.map((value, i) => value + by * direction[i]!)]]));
  const [right, left] = [await moved(step), await moved(-step)];
  const difference = (right - left) / (2 * step);
  const slope = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0);
  const size =
    entry === undefined ? Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0)) : Math.abs(slope);
  const scale = Math.max(size, Math.abs(difference), Number.MIN_VALUE);
  const rounding = (16 * epsilons[dtype] * Math.max(Math.abs(start), 1e-3)) / step;
  const bend = Math.abs(right - 2 * start + left) / step;
  const error = Math.max(0, Math.abs(slope - difference) - rounding) / scale;
  return {
    of,
    ...(entry !== undefined && { entry }),
    gradient: slope,
    difference,
    error: Number.isFinite(error) ? error : Number.POSITIVE_INFINITY,
    isKink: bend > 0.1 * scale + 2 * rounding,
  };
}

const rootMeanSquare = (x: Float64Array): number =>
  Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / Math.max(1, x.length));
