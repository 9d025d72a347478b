/** Float32 numbers ordered as 32-bit integers: ranks are found by counting, in linear time and constant memory. */

export interface Ranked {
  /** The value that stands at the rank when sorted. */
  readonly value: number;
  /** How many are smaller than it. */
  readonly below: number;
}

/** The number at `rank` (from 0) among `values[from, from + length)`, none of which is NaN. */
export function ranked(values: Float32Array, from: number, length: number, rank: number): Ranked {
  return length <= 8192 ? bySorting(values, from, length, rank) : byCounting(values, from, length, rank);
}

/** The typed array sort beats two histograms of 65536 bins where rows are short. */
function bySorting(values: Float32Array, from: number, length: number, rank: number): Ranked {
  const sorted = values.slice(from, from + length).sort();
  const value = sorted[rank];
  let below = rank;
  while (below > 0 && sorted[below - 1] === value) below--;
  return { value, below };
}

function byCounting(values: Float32Array, from: number, length: number, rank: number): Ranked {
  const bits = bitsOf(values);
  const high = new Uint32Array(65536);
  for (let i = from; i < from + length; i++) high[keyOf(bits[i]) >>> 16]++;
  const { bin: top, below: belowTop } = binOf(high, rank);
  const low = new Uint32Array(65536);
  for (let i = from; i < from + length; i++) {
    const key = keyOf(bits[i]);
    if (key >>> 16 === top) low[key & 0xffff]++;
  }
  const { bin, below } = binOf(low, rank - belowTop);
  return { value: floatOf(((top << 16) | bin) >>> 0), below: belowTop + below };
}

/** The bin that holds the number at `rank`, and how many stand in bins before it. */
export function binOf(counts: Uint32Array | Float64Array, rank: number): { bin: number; below: number } {
  let below = 0;
  let bin = 0;
  while (bin < counts.length - 1 && below + counts[bin] <= rank) below += counts[bin++];
  return { bin, below };
}

export const bitsOf = (values: Float32Array): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.length);

/** An unsigned integer that orders as the float does; both zeros get the same. */
export function keyOf(bits: number): number {
  if (bits >>> 31 === 0) return (bits | 0x80000000) >>> 0;
  return bits === 0x80000000 ? bits : ~bits >>> 0;
}

function floatOf(key: number): number {
  const bits = key >>> 31 ? key & 0x7fffffff : ~key;
  return new Float32Array(Uint32Array.of(bits).buffer)[0];
}
