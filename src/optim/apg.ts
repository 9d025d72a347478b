/** apg: accelerated proximal gradient, on many small problems of one size at once. */
import { gathered } from '../tensor/spans.js';

/** The smooth parts of the problems. */
export interface Smooth {
  /** @param points packed [rows, size]. @param rows the problem that each belongs to. */
  slopes(
    points: Float32Array,
    rows: readonly number[],
  ): Promise<{ readonly values: Float32Array; readonly gradients: Float32Array }>;
}

/** The parts that are not smooth, each with its proximal step: argmin over p of 1/2 |p - z|^2 + step g(p). */
export interface NonSmooth {
  value(x: Float32Array, row: number): number;
  /** Written to `out`, which may be z. */
  prox(z: Float32Array, step: number, row: number, out: Float32Array): void;
}

export const momenta = ['fista', 'monotone', 'none'] as const;
/**
 * `fista`: Beck, Teboulle, A fast iterative shrinkage-thresholding algorithm for linear inverse problems (SIIMS 2009), whose theory wants
 * a convex smooth part. `monotone`: Li, Lin, Accelerated proximal gradient methods for nonconvex programming (NIPS 2015), algorithm 1: two
 * candidates a step, the better is taken; where neither is better than what is had, we stay and halve the step. `none`: without momentum.
 */
export type Momentum = (typeof momenta)[number];

export interface ApgOptions {
  readonly steps: number;
  /** The step size at step k, from 0 on. With a line search that of step 0 is where it starts. */
  readonly stepSize: (k: number) => number;
  /** What the step size is multiplied by, element by element: less where the smooth part bends more; default 1. `prox` has to know it too. */
  readonly metric?: Float32Array;
  readonly momentum: Momentum;
  /** Shortens the step of a problem by this factor, above 1, until its smooth part lies below its quadratic model. Not for `monotone`. */
  readonly lineSearch?: number;
  /** The smallest step that a line search goes down to; default 1e-6. */
  readonly leastStep?: number;
  readonly onStep?: (k: number) => void;
}

/**
 * From `start`, packed [count, size], which is overwritten with the last iterates. A problem rests once a step leaves it where it was.
 */
export async function apg(
  smooth: Smooth,
  nonSmooth: NonSmooth,
  start: Float32Array,
  size: number,
  options: ApgOptions,
): Promise<Float32Array> {
  const state = new State(start, size);
  for (let k = 0; k < options.steps && state.open.length > 0; k++) {
    if (options.momentum === 'monotone') await monotoneStep(smooth, nonSmooth, state, options, k);
    else await step(smooth, nonSmooth, state, options, k);
    options.onStep?.(k);
  }
  return start;
}

class State {
  /** Problems that still move. */
  open: number[];
  /** The points that gradients are taken at, and the iterates before. */
  readonly ahead: Float32Array;
  readonly before: Float32Array;
  /** Of `monotone`: the accelerated candidates, the slopes at x and F(x). */
  readonly z: Float32Array;
  readonly gradient: Float32Array;
  readonly cost: Float64Array;
  /** The metric where none is given. */
  readonly even: Float32Array;
  /** What the scheduled step of each problem is multiplied by. */
  readonly share: Float64Array;
  t = 1;
  readonly x: Float32Array;
  readonly size: number;

  constructor(x: Float32Array, size: number) {
    const count = x.length / size;
    this.x = x;
    this.size = size;
    this.open = Array.from({ length: count }, (_, row) => row);
    [this.ahead, this.before, this.z] = [x.slice(), x.slice(), x.slice()];
    this.gradient = new Float32Array(x.length);
    this.cost = new Float64Array(count).fill(Number.NaN);
    this.share = new Float64Array(count).fill(1);
    this.even = new Float32Array(size).fill(1);
  }

  of(values: Float32Array, row: number): Float32Array {
    return values.subarray(row * this.size, (row + 1) * this.size);
  }

  packed(values: Float32Array, rows: readonly number[]): Float32Array {
    return gathered(values, this.size, rows);
  }

  next(): number {
    return nextOf(this.t);
  }
}

const nextOf = (t: number): number => (1 + Math.sqrt(1 + 4 * t * t)) / 2;

/** Of `fista`: how far each step runs on ahead, in units of its own length. */
export function pushesOf(steps: number): number[] {
  const pushes: number[] = [];
  for (let t = 1; pushes.length < steps; t = nextOf(t)) pushes.push((t - 1) / nextOf(t));
  return pushes;
}

async function step(smooth: Smooth, nonSmooth: NonSmooth, state: State, options: ApgOptions, k: number): Promise<void> {
  const { size, x, before, ahead, share } = state;
  const { values, gradients } = await smooth.slopes(state.packed(ahead, state.open), state.open);
  const alpha = options.stepSize(options.lineSearch ? 0 : k);
  const metric = options.metric ?? state.even;
  const z = new Float32Array(size);
  const move = (row: number, j: number): void => {
    const [from, own] = [row * size, alpha * share[row]!];
    for (let i = 0; i < size; i++) z[i] = ahead[from + i]! - own * metric[i]! * gradients[j * size + i]!;
    nonSmooth.prox(z, own, row, state.of(x, row));
  };
  before.set(x);
  state.open.forEach(move);
  if (options.lineSearch) await search(smooth, state, { values, gradients, move, alpha }, options);

  const t = options.momentum === 'none' ? 1 : state.next();
  const push = options.momentum === 'none' ? 0 : (state.t - 1) / t;
  state.t = t;
  state.open = state.open.filter((row) => {
    let moved = false;
    for (let i = row * size; i < (row + 1) * size; i++) {
      const next = x[i]! + push * (x[i]! - before[i]!);
      // written so that NaN rests
      moved ||= Math.abs(next - ahead[i]!) > 0;
      ahead[i] = next;
    }
    return moved;
  });
}

/** Shortens the steps of those problems whose smooth part lies above its model at the point that was reached. */
async function search(
  smooth: Smooth,
  state: State,
  {
    values,
    gradients,
    move,
    alpha,
  }: {
    readonly values: Float32Array;
    readonly gradients: Float32Array;
    readonly move: (row: number, j: number) => void;
    readonly alpha: number;
  },
  { lineSearch, leastStep = 1e-6, metric = state.even }: ApgOptions,
): Promise<void> {
  const { size, x, ahead, share } = state;
  const place = new Map(state.open.map((row, j) => [row, j]));
  let trying = state.open;
  while (trying.length > 0) {
    const reached = await smooth.slopes(state.packed(x, trying), trying);
    trying = trying.filter((row, i) => {
      const j = place.get(row)!;
      const own = alpha * share[row]!;
      let model = values[j]!;
      for (let c = 0; c < size; c++) {
        const way = x[row * size + c]! - ahead[row * size + c]!;
        model += way * gradients[j * size + c]! + (way * way) / (2 * own * metric[c]!);
      }
      // values are float32: what lies within their rounding is no ascent
      const isBelow = reached.values[i]! <= model + 1e-6 * Math.max(1, Math.abs(model));
      if (isBelow || own <= leastStep) return false;
      share[row]! /= lineSearch!;
      move(row, j);
      return true;
    });
  }
}

async function monotoneStep(
  smooth: Smooth,
  nonSmooth: NonSmooth,
  state: State,
  options: ApgOptions,
  k: number,
): Promise<void> {
  const { size, x, z, ahead, before, gradient, cost, share, open } = state;
  if (k === 0) {
    const first = await smooth.slopes(state.packed(x, open), open);
    open.forEach((row, j) => {
      gradient.set(first.gradients.subarray(j * size, (j + 1) * size), row * size);
      cost[row] = first.values[j]! + nonSmooth.value(state.of(x, row), row);
    });
  }
  const { gradients } = k === 0 ? { gradients: gradient } : await smooth.slopes(state.packed(ahead, open), open);
  const alpha = options.stepSize(k);
  const metric = options.metric ?? state.even;
  const candidates = new Float32Array(2 * open.length * size);
  open.forEach((row, j) => {
    const own = alpha * share[row]!;
    for (const [half, from, slope, at] of [
      [0, ahead, gradients, j],
      [1, x, gradient, row],
    ] as const) {
      const to = candidates.subarray((half * open.length + j) * size, (half * open.length + j + 1) * size);
      for (let i = 0; i < size; i++) to[i] = from[row * size + i]! - own * metric[i]! * slope[at * size + i]!;
      nonSmooth.prox(to, own, row, to);
    }
  });
  const reached = await smooth.slopes(candidates, [...open, ...open]);
  const t = state.next();
  const still: number[] = [];
  open.forEach((row, j) => {
    const at = (half: number): Float32Array => candidates.subarray((half * open.length + j) * size).subarray(0, size);
    const costs = [0, 1].map((half) => reached.values[half * open.length + j]! + nonSmooth.value(at(half), row));
    const better = costs[0]! <= costs[1]! ? 0 : 1;
    const own = state.of(x, row);
    state.of(before, row).set(own);
    state.of(z, row).set(at(0));
    const isBetter = costs[better]! < cost[row]!;
    if (isBetter) {
      own.set(at(better));
      cost[row] = costs[better]!;
      const from = (better * open.length + j) * size;
      gradient.set(reached.gradients.subarray(from, from + size), row * size);
    } else {
      share[row]! /= 2;
    }
    for (let i = row * size; i < (row + 1) * size; i++)
      ahead[i] = x[i]! + (state.t / t) * (z[i]! - x[i]!) + ((state.t - 1) / t) * (x[i]! - before[i]!);
    if (isBetter || share[row]! * alpha > (options.leastStep ?? 1e-6)) still.push(row);
  });
  state.t = t;
  state.open = still;
}
