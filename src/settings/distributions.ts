/** Distributions: what a search draws the number of an option from, as data. */

export type Distribution =
  | { readonly kind: 'uniform'; readonly from: number; readonly to: number }
  | { readonly kind: 'log-uniform'; readonly from: number; readonly to: number }
  | { readonly kind: 'quantised'; readonly from: number; readonly to: number; readonly step: number }
  | { readonly kind: 'choice'; readonly values: readonly number[] };

export const uniform = (from: number, to: number): Distribution => ({ kind: 'uniform', from, to });

/** The logarithm is uniform. @param from above 0. */
export const logUniform = (from: number, to: number): Distribution => ({ kind: 'log-uniform', from, to });

/** `from`, `from` + `step` and so on up to `to`, each as likely. */
export const quantised = (from: number, to: number, step: number): Distribution => ({
  kind: 'quantised',
  from,
  to,
  step,
});

/** Each as likely; at least one. */
export const choice = (...values: readonly number[]): Distribution => ({ kind: 'choice', values });

/** The number that stands at `u` of the distribution. @param u uniform in [0, 1). */
export function quantile(distribution: Distribution, u: number): number {
  if (distribution.kind === 'choice') return distribution.values[Math.floor(u * distribution.values.length)]!;
  const { from, to } = distribution;
  switch (distribution.kind) {
    case 'uniform':
      return from + u * (to - from);
    case 'log-uniform':
      return Math.min(to, from * (to / from) ** u);
    case 'quantised': {
      // the range is a whole number of steps but for rounding
      const last = Math.floor((to - from) / distribution.step + 1e-9);
      // without the dust that 0.5 + 3 * 0.05 leaves
      return Number((from + Math.floor(u * (last + 1)) * distribution.step).toPrecision(12));
    }
  }
}
