/** Spread: what repeated measurements of one quantity say, without assuming how they are distributed. */

/** Of sorted numbers, not empty, interpolated between neighbours. @param fraction in [0, 1]. */
export function quantile(sorted: ArrayLike<number>, fraction: number): number {
  const at = (sorted.length - 1) * fraction;
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (at - low);
}

export const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** Of numbers in any order, not empty. */
export const medianOf = (values: readonly number[]): number => quantile(ascending(values), 0.5);

/** First and third quartile: half of the values lie between. @param values in any order, not empty. */
export function quartilesOf(values: readonly number[]): readonly [number, number] {
  const sorted = ascending(values);
  return [quantile(sorted, 0.25), quantile(sorted, 0.75)];
}

/**
 * An interval that holds the median of what `values` were drawn from with a probability of at least `level`, whatever its
 * distribution: two order statistics, by the binomial distribution of how many values lie below the median (David and
 * Nagaraja, Order Statistics, third edition, section 7.1). Undefined of too few values: at 95 % of five or less.
 * @param values independent ones, in any order.
 */
export function medianInterval(values: readonly number[], level = 0.95): readonly [number, number] | undefined {
  const outside = mostOutside(values.length, (1 - level) / 2);
  if (outside === undefined) return undefined;
  const sorted = ascending(values);
  return [sorted[outside]!, sorted[values.length - 1 - outside]!];
}

/** The largest k with P(X <= k) <= tail, where X counts heads of `count` coins; undefined where even P(X = 0) is larger. */
function mostOutside(count: number, tail: number): number | undefined {
  // in logarithms: 2^-count is 0 as a number from count 1075 on
  let logarithm = -count * Math.LN2;
  let sum = 0;
  for (let k = 0; k <= count; k++) {
    sum += Math.exp(logarithm);
    if (sum > tail) return k === 0 ? undefined : k - 1;
    logarithm += Math.log((count - k) / (k + 1));
  }
  return undefined;
}
