/** Interpretability: how much of a change lies where the model's own gradients say that the two labels are told apart. */
import type { Bounds } from '../../oracle/bounds.js';
import { rowAt } from '../../oracle/packed.js';
import type { Finding, Ground } from '../run.js';
import { scaledDifference } from './change.js';
import { percentile } from './spread.js';

export const percentiles = ['50', '60', '70', '80', '90'] as const;

/** IS_P in [0, 1] by the percentile P. */
export type Interpretability = Readonly<Record<(typeof percentiles)[number], number>>;

export interface InterpretabilityOptions {
  /** Examples a gradient call. */
  readonly batch: number;
  /** Whether only elements count that raise the new label and lower the old one, as Papernot et al. and StrAttack have it. */
  readonly strict?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Papernot et al., The limitations of deep learning in adversarial settings (arXiv 1511.07528), adversarial saliency; Xu et al.,
 * Structured adversarial attack (arXiv 1808.01664), IS. With Z_t the score of the label that the example went to, Z_0 that of its own:
 * ASM = dZ_t/dx |dZ_0/dx|, B = 1 where ASM is above the P-th percentile of 0 and its non-zero elements, IS_P = |B * change| / |change|.
 * Undefined for findings without success.
 * @throws UserError (exit 3) where the model has an op without gradient.
 */
export async function interpretabilitiesOf(
  findings: readonly Finding[],
  ground: Ground,
  { batch, strict = false, signal }: InterpretabilityOptions,
): Promise<(Interpretability | undefined)[]> {
  const { subjects, space, bounds } = ground;
  const places = new Map(subjects.ids.map((id, place) => [id, place]));
  const won = findings.flatMap(({ success }, i) => (success ? [i] : []));
  const made: (Interpretability | undefined)[] = findings.map(() => undefined);
  for (let from = 0; from < won.length; from += batch) {
    signal?.throwIfAborted();
    const part = won.slice(from, from + batch);
    const samples = part.map((i) => places.get(findings[i]!.id)!);
    const [gained, lost] = [
      await gradientsOf(ground, samples, (j) => findings[part[j]!]!.predicted),
      await gradientsOf(ground, samples, (j) => findings[part[j]!]!.label),
    ];
    part.forEach((i, j) => {
      const clean = rowAt(subjects.inputs, space.size, samples[j]!);
      const saliency = saliencyOf(rowAt(gained, space.size, j), rowAt(lost, space.size, j), bounds, strict);
      made[i] = scoresOf(saliency, scaledDifference(findings[i]!.adversarial, clean, bounds));
    });
  }
  return made;
}

/** Gradients of one score of each clean example, in the input's units. */
async function gradientsOf(
  { model, subjects, space }: Ground,
  samples: readonly number[],
  label: (j: number) => number,
): Promise<Float32Array> {
  const points = new Float32Array(samples.length * space.size);
  const cotangents = new Float32Array(samples.length * model.classes);
  samples.forEach((place, j) => {
    points.set(rowAt(subjects.inputs, space.size, place), j * space.size);
    cotangents[j * model.classes + label(j)] = 1;
  });
  const none = new Int32Array(subjects.count);
  const context = { targeted: false, labels: none, goals: none, others: subjects.others };
  return (await model.pullback({ points, samples }, cotangents, context)).gradients;
}

/** ASM on the scale where each element's bounds are 0 and 1. */
export function saliencyOf(
  gained: Float32Array,
  lost: Float32Array,
  { lower, upper }: Bounds,
  strict = false,
): Float64Array {
  return Float64Array.from(gained, (up, i) => {
    const room = upper[i]! - lower[i]!;
    const down = lost[i]!;
    return strict && (up < 0 || down > 0) ? 0 : up * Math.abs(down) * room * room;
  });
}

/** @param difference not all zero. */
export function scoresOf(saliency: Float64Array, difference: Float32Array): Interpretability {
  const sorted = Float64Array.from([0, ...saliency.filter((value) => value !== 0)]).sort();
  const whole = normOver(difference, () => true);
  return Object.fromEntries(
    percentiles.map((percent) => {
      const threshold = percentile(sorted, Number(percent));
      return [percent, normOver(difference, (i) => saliency[i]! > threshold) / whole];
    }),
  ) as unknown as Interpretability;
}

function normOver(difference: Float32Array, counts: (i: number) => boolean): number {
  let sum = 0;
  difference.forEach((value, i) => {
    if (counts(i)) sum += value * value;
  });
  return Math.sqrt(sum);
}
