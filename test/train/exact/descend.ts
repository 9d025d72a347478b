/** How gradients move weights, in float64: AdamW, SGD with Nesterov's momentum, clipping, the rate over the steps. */
import type { Floats } from './layers.js';

/** Loshchilov, Hutter, Decoupled weight decay regularization (arXiv 1711.05101). */
export interface AdamW {
  readonly kind: 'adamw';
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** v = momentum v + d, w = w - rate (d + momentum v), where d is the gradient plus the decay times the weight. */
export interface NesterovSgd {
  readonly kind: 'sgd';
  readonly momentum: number;
  readonly weightDecay: number;
}

export type Optimiser = AdamW | NesterovSgd;

/** @param step from 1 on. */
export type Move = (name: string, weight: Floats, gradient: Floats, rate: number, step: number) => Floats;

/** What moves weights, with a memory of its own for each name. */
export function moverOf(optimiser: Optimiser): Move {
  const memory = new Map<string, readonly [Float64Array, Float64Array]>();
  return (name, { shape, values }, { values: slope }, rate, step) => {
    const held = memory.get(name) ?? [new Float64Array(values.length), new Float64Array(values.length)];
    memory.set(name, held);
    const next = Float64Array.from(values, (w, i) =>
      optimiser.kind === 'adamw'
        ? adamwMove(optimiser, w, slope[i]!, held, i, rate, step)
        : sgdMove(optimiser, w, slope[i]!, held[0], i, rate),
    );
    return { shape, values: next };
  };
}

function adamwMove(
  { beta1, beta2, epsilon, weightDecay }: AdamW,
  w: number,
  d: number,
  [mean, square]: readonly [Float64Array, Float64Array],
  i: number,
  rate: number,
  step: number,
): number {
  mean[i] = beta1 * mean[i]! + (1 - beta1) * d;
  square[i] = beta2 * square[i]! + (1 - beta2) * d * d;
  const unbiasedMean = mean[i] / (1 - beta1 ** step);
  const unbiasedSquare = square[i] / (1 - beta2 ** step);
  return w * (1 - rate * weightDecay) - (rate * unbiasedMean) / (Math.sqrt(unbiasedSquare) + epsilon);
}

function sgdMove(
  { momentum, weightDecay }: NesterovSgd,
  w: number,
  slope: number,
  velocity: Float64Array,
  i: number,
  rate: number,
): number {
  const d = slope + weightDecay * w;
  velocity[i] = momentum * velocity[i]! + d;
  return w - rate * (d + momentum * velocity[i]);
}

/** All gradients times one factor, so that their joint norm is at most `largest`. */
export function clipped(gradients: ReadonlyMap<string, Floats>, largest: number): Map<string, Floats> {
  let squares = 0;
  for (const { values } of gradients.values()) for (const each of values) squares += each * each;
  const factor = Math.min(1, largest / Math.sqrt(squares));
  return new Map(
    [...gradients].map(([name, { shape, values }]) => [name, { shape, values: values.map((each) => each * factor) }]),
  );
}

/**
 * The share of the highest rate at a step: over the first `rise` steps 1 / (rise + 1), 2 / (rise + 1) and so on, then half a cosine from 1
 * that would be 0 one step after the last. @param step from 0 on.
 */
export const warmUpThenCosine =
  (rise: number) =>
  (step: number, steps: number): number =>
    step < rise ? (step + 1) / (rise + 1) : 0.5 + 0.5 * Math.cos(Math.PI * ((step - rise) / (steps - rise)));
