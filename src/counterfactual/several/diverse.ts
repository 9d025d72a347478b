/** diverse: some of many candidates that are good and unlike each other, picked one after the other from the best one on. */
import { likeness } from './kernel.js';

export interface Candidates {
  readonly count: number;
  /** 0 or more. */
  distance(i: number, j: number): number;
  /** In (0, 1]: what a candidate's distances count for. */
  quality(i: number): number;
  /** Whether a candidate may be taken after another. */
  isOther(taken: number, i: number): boolean;
}

/** What a candidate adds to those that are taken; asked about each of the others after each that is taken. */
type Gain = (last: number, i: number) => number;

/** How the next one is picked. */
export const choices = {
  /**
   * By the determinant of the likenesses weighed by qualities, the largest that one more candidate gives: Mothilal, Sharma, Tan,
   * Explaining machine learning classifiers through diverse counterfactual explanations (arXiv 1905.07697). Determinants grow by a row
   * of a Cholesky factor each: Chen, Zhang, Zhou, Fast greedy MAP inference for determinantal point process (arXiv 1709.05135).
   */
  determinantal({ count, distance, quality }: Candidates): Gain {
    const factors: number[][] = Array.from({ length: count }, () => []);
    const gains = Array.from({ length: count }, (_, i) => quality(i) ** 2);
    const link = (i: number, j: number): number => quality(i) * quality(j) * likeness(distance(i, j));
    return (last, i) => {
      const known = factors[last]!.reduce(
        (sum, value, k) => (k < factors[i]!.length ? sum + value * factors[i]![k]! : sum),
        0,
      );
      const entry = (link(last, i) - known) / Math.sqrt(gains[last]!);
      factors[i]!.push(entry);
      gains[i]! -= entry * entry;
      return gains[i]!;
    };
  },
  /** By the distance to the nearest that is taken, times the quality: the farthest first, as Gonzalez (1985) covers sets. */
  spread({ count, distance, quality }: Candidates): Gain {
    const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    return (last, i) => {
      nearest[i] = Math.min(nearest[i]!, distance(last, i));
      return nearest[i]! * quality(i);
    };
  },
} as const satisfies Record<string, (candidates: Candidates) => Gain>;

export type Choice = keyof typeof choices;
export const choiceNames = Object.keys(choices) as Choice[];

/** How many counterfactuals of an instance are told. */
export interface Several {
  /** Of each instance in all, the best one included. */
  readonly count: number;
  /** By what they are picked; see `choices`. */
  readonly choice: Choice;
}

/** Up to `most` indices, candidate 0 first; of equal gains the lower index. */
export function diverse(candidates: Candidates, choice: Choice, most: number): number[] {
  const gain = choices[choice](candidates);
  const chosen = [0];
  let open = Array.from({ length: candidates.count - 1 }, (_, i) => i + 1);
  while (chosen.length < most) {
    const last = chosen.at(-1)!;
    open = open.filter((i) => candidates.isOther(last, i));
    if (open.length === 0) break;
    const gains = open.map((i) => gain(last, i));
    const best = gains.reduce((most, value, at) => (value > gains[most]! ? at : most), 0);
    chosen.push(open[best]!);
    open.splice(best, 1);
  }
  return chosen;
}
