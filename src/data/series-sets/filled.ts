/** How far series have values, and that all of these are finite. */
import { UserError } from '../../errors.js';
import type { Series } from '../series.js';

/**
 * How many steps of each series have values; NaN at the end of all channels is none, and becomes 0. Undefined where all have as many.
 * @param told the lengths, where the data say them. @throws UserError naming the series, channel and step of a value that is not finite.
 */
export function filledLengths(series: Series, told: Int32Array | undefined, where: string): Int32Array | undefined {
  const { count, channels, length, values } = series;
  if (told && told.length !== count)
    throw new UserError(where, `expected ${count} lengths, one a series, got ${told.length}; give one a series`);
  const lengths = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    const own = values.subarray(row * channels * length, (row + 1) * channels * length);
    const filled = told?.[row] ?? lastFilled(own, channels, length);
    if (filled < 1 || filled > length) {
      throw new UserError(
        where,
        `expected from 1 to ${length} values in series ${row}, got ${filled}; ${told ? 'mend its length' : 'leave it out'}`,
      );
    }
    lengths[row] = filled;
    for (let channel = 0; channel < channels; channel++) {
      const steps = own.subarray(channel * length, (channel + 1) * length);
      const wrong = steps.subarray(0, filled).findIndex((value) => !Number.isFinite(value));
      if (wrong >= 0) throw notFinite(steps[wrong]!, `series ${row}, channel ${channel}, step ${wrong}`, where);
      steps.fill(0, filled);
    }
  }
  return lengths.every((filled) => filled === length) ? undefined : lengths;
}

function lastFilled(series: Float32Array, channels: number, length: number): number {
  let filled = 0;
  for (let channel = 0; channel < channels; channel++) {
    const steps = series.subarray(channel * length, (channel + 1) * length);
    filled = Math.max(filled, steps.findLastIndex((value) => !Number.isNaN(value)) + 1);
  }
  return filled;
}

const notFinite = (value: number, place: string, where: string): UserError =>
  new UserError(
    where,
    `expected numbers that float32 can hold, got ${value} in ${place}; mend it or leave the series out`,
  );
