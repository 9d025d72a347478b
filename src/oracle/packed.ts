/** Packed rows: many examples in one array, one after the other. */
import { gathered } from '../tensor/spans.js';

/** The rows at those places, in that order; the same array where these are all rows in theirs. */
export function pick(values: Float32Array, width: number, places: readonly number[]): Float32Array {
  if (places.length * width === values.length && places.every((place, i) => place === i)) return values;
  return gathered(values, width, places);
}

/** [rows, width] made of what stands at an index of [count, width]. */
export function pack(rows: readonly number[], width: number, value: (at: number) => number): Float32Array {
  const made = new Float32Array(rows.length * width);
  let to = 0;
  for (const row of rows) for (let at = row * width; at < (row + 1) * width; at++) made[to++] = value(at);
  return made;
}

/** A view of one row. */
export const rowAt = (values: Float32Array, width: number, row: number): Float32Array =>
  values.subarray(row * width, (row + 1) * width);

/** Arrays of any length one after the other. */
export function concatenated(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The inverse of `pick`: rows at their places, `rest` elsewhere. */
export function spread(
  values: Float32Array,
  width: number,
  places: readonly number[],
  rows: number,
  rest: number,
): Float32Array {
  if (places.length === rows) return values;
  const made = new Float32Array(rows * width).fill(rest);
  places.forEach((to, from) => {
    made.set(values.subarray(from * width, (from + 1) * width), to * width);
  });
  return made;
}

/** Items in parts of `size`, the last one shorter. */
export const inParts = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
