/** Columns brought to mean 0 and variance 1. */

export interface Standardisation {
  readonly mean: Float64Array;
  /** What columns are divided by: 1 where all values are equal. */
  readonly scale: Float64Array;
}

/** Of the columns of `table`, [rows, columns]. */
export function standardisationOf(table: Float64Array | Float32Array, columns: number): Standardisation {
  const rows = table.length / columns;
  const mean = new Float64Array(columns);
  const scale = new Float64Array(columns);
  for (let at = 0; at < table.length; at++) mean[at % columns]! += table[at]! / rows;
  for (let at = 0; at < table.length; at++) scale[at % columns]! += (table[at]! - mean[at % columns]!) ** 2 / rows;
  return {
    mean,
    // rounding of the mean leaves a little where all values are equal
    scale: scale.map((variance, k) => (Math.sqrt(variance) > 1e-12 * Math.abs(mean[k]!) ? Math.sqrt(variance) : 1)),
  };
}

/** [rows, columns] */
export function standardised(table: Float64Array, { mean, scale }: Standardisation): Float64Array {
  const columns = mean.length;
  return table.map((value, at) => (value - mean[at % columns]!) / scale[at % columns]!);
}
