/** log of a sum of exponentials, without overflow. */

/** log(exp(values[0]) + exp(values[1]) + ...); -Infinity where all are. */
export function logSumExp(values: ArrayLike<number>): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) if ((values[i] as number) > largest) largest = values[i] as number;
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp((values[i] as number) - largest);
  return largest + Math.log(sum);
}

export const logTwoPi = Math.log(2 * Math.PI);
