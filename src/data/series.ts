/** Series: what is trained on, as arrays in memory. */

/** Series of one number of channels and one length, shorter ones filled up with zeros. */
export interface Series {
  readonly count: number;
  readonly channels: number;
  readonly length: number;
  /** [count, channels, length]. */
  readonly values: Float32Array;
  /** How many steps of each have values, where that differs. */
  readonly lengths?: Int32Array;
}

/** Series whose class is known. */
export interface LabelledSeries extends Series {
  /** Of each, from 0 on. */
  readonly labels: Int32Array;
}

/** Some of the series, in the order of `rows`. */
export function rowsOf(series: Series, rows: ArrayLike<number>): Series {
  const { channels, length, values, lengths } = series;
  const size = channels * length;
  const taken = new Float32Array(rows.length * size);
  for (let i = 0; i < rows.length; i++) taken.set(values.subarray(rows[i]! * size, (rows[i]! + 1) * size), i * size);
  return {
    count: rows.length,
    channels,
    length,
    values: taken,
    ...(lengths && { lengths: Int32Array.from(rows, (row) => lengths[row]!) }),
  };
}
