/** Means of what steps told, from one judgement to the next. */
import type { TrainingProblem } from './step/problem.js';
import type { CurvePoint } from './train.js';

/** @param told names of the watched values, in their order; @param terms those that are terms of the loss. */
export function sumsOf({ told: names, terms }: Pick<TrainingProblem, 'told' | 'terms'>) {
  let [loss, steps] = [0, 0];
  const sums = names.map(() => ({ sum: 0, count: 0 }));
  return {
    /** @param watched for each name, a number a step; one that is not a number tells nothing. */
    add(losses: readonly number[], watched: readonly (readonly number[])[]): void {
      for (const each of losses) loss += each;
      steps += losses.length;
      watched.forEach((numbers, i) => {
        for (const number of numbers) {
          if (Number.isNaN(number)) continue;
          sums[i]!.sum += number;
          sums[i]!.count++;
        }
      });
    },
    means(): Pick<CurvePoint, 'loss' | 'terms' | 'diagnostics'> {
      const meansOf = (isTerm: boolean): Record<string, number> =>
        Object.fromEntries(
          names.flatMap((name, i) =>
            terms.has(name) === isTerm && sums[i]!.count > 0 ? [[name, sums[i]!.sum / sums[i]!.count]] : [],
          ),
        );
      return { loss: loss / steps, terms: meansOf(true), diagnostics: meansOf(false) };
    },
  };
}
