/** Scaling of series and features: by their range or their mean and deviation. */
/** What each channel of a series, or each feature of a table, is scaled by. */
export interface Standardise {
  /** `min-max`: to [0, 1]; `z`: to mean 0 and deviation 1 (that of the population). */
  readonly kind: 'min-max' | 'z';
  /** `each`: every series by its own figures; a path: by those of that file; two numbers: lowest and highest, or mean and deviation. */
  readonly over: 'each' | { readonly file: string } | { readonly numbers: readonly [number, number] };
}

/** A value x becomes (x - offset) / divisor. */
export interface Scale {
  readonly offset: number;
  readonly divisor: number;
}

/**
 * `min-max` or `z`, alone or followed by `:FILE` or `:NUMBER,NUMBER`; `none` is undefined.
 * @returns what is wrong with the text when it is none of these.
 */
export function readStandardise(text: string): Standardise | undefined | string {
  if (text === 'none') return undefined;
  const [, kind, rest] = /^(min-max|z)(?::(.+))?$/.exec(text) ?? [];
  if (kind !== 'min-max' && kind !== 'z')
    return `expected none, min-max or z, the last two alone or with :FILE or :NUMBER,NUMBER, got '${text}'`;
  if (rest === undefined) return { kind, over: 'each' };
  const numbers = rest.split(',').map(Number);
  const [first, second] = numbers as [number, number];
  if (numbers.length !== 2 || numbers.some(Number.isNaN)) return { kind, over: { file: rest } };
  const fits = Number.isFinite(first) && Number.isFinite(second) && second > (kind === 'min-max' ? first : 0);
  if (fits) return { kind, over: { numbers: [first, second] } };
  return `expected ${kind === 'min-max' ? 'a number and a higher one' : 'a mean and a deviation above 0'} after '${kind}:', got '${rest}'`;
}

/** Takes values one by one and gives the scale that brings them to [0, 1], or to mean 0 and deviation 1; where all are equal, to 0. */
export function scaleCollector(kind: Standardise['kind']) {
  let [low, high, count, mean, squares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0];
  return {
    add(value: number): void {
      low = Math.min(low, value);
      high = Math.max(high, value);
      // Welford, Note on a method for calculating corrected sums of squares, Technometrics 4 (1962)
      const before = value - mean;
      mean += before / ++count;
      squares += before * (value - mean);
    },
    scale(): Scale {
      const spread = kind === 'min-max' ? high - low : Math.sqrt(squares / count);
      return { offset: kind === 'min-max' ? low : mean, divisor: spread > 0 ? spread : 1 };
    },
  };
}

export const scaleFrom = ({ kind }: Standardise, [first, second]: readonly [number, number]): Scale => ({
  offset: first,
  divisor: kind === 'min-max' ? second - first : second,
});

export const describeStandardise = ({ kind, over }: Standardise): string => {
  const by = over === 'each' ? 'each by itself' : 'file' in over ? `by ${over.file}` : `by ${over.numbers.join(', ')}`;
  return `scaled ${kind === 'z' ? 'to mean 0 and deviation 1' : 'to [0, 1]'}, ${by}`;
};
