/** Means of what steps told, from one judgement to the next. */

/** @param names of the watched values, in their order. */
export function sumsOf(names: readonly string[]) {
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
    means(): { readonly loss: number; readonly told: Readonly<Record<string, number>> } {
      const known = names.flatMap((name, i) => (sums[i]!.count > 0 ? [[name, sums[i]!.sum / sums[i]!.count]] : []));
      return { loss: loss / steps, told: Object.fromEntries(known) };
    },
  };
}
