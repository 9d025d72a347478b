/** Bounds: between which numbers each element of an input may move, and the scale on which attacks and distances see it. */
import { UserError } from '../errors.js';
import type { Space } from './space.js';

export interface Bounds {
  /** One an element of the space, in the input's own units. */
  readonly lower: Float32Array;
  readonly upper: Float32Array;
  /** Where they come from, for the report. */
  readonly description: string;
}

/** Two numbers that span the box of all attackable inputs, the same for every element: what a paper's constants are for. */
export type Range = readonly [low: number, high: number];

/** @param pairs one for all elements, one a channel, or one an element. @throws UserError for another number of pairs and for empty ranges. */
export function boundsOf(pairs: readonly Range[], space: Space, description: string): Bounds {
  const { channels, size, positions } = space;
  if (pairs.length !== 1 && pairs.length !== channels && pairs.length !== size) {
    const each = channels === 1 ? `${size}, one an element` : `${channels}, one a channel`;
    throw new UserError('bounds', `expected 1 pair of numbers or ${each}, got ${pairs.length}; give as many`);
  }
  const bad = pairs.find(([low, high]) => !(low <= high && Number.isFinite(high - low)));
  if (bad) throw new UserError('bounds', `expected finite numbers, the lower first, got ${bad.join(',')}; turn them`);
  if (pairs.every(([low, high]) => low === high))
    throw new UserError('bounds', 'expected room between the bounds, got none; widen them');
  const at = (i: number): Range =>
    pairs[pairs.length === size ? i : pairs.length === 1 ? 0 : Math.floor(i / positions)]!;
  return {
    lower: Float32Array.from({ length: size }, (_, i) => at(i)[0]),
    upper: Float32Array.from({ length: size }, (_, i) => at(i)[1]),
    description,
  };
}

/** What takes a number of the attack's range to the input's: `x = v * scale + shift`, element by element. */
export interface Scaling {
  readonly scale: Float32Array;
  readonly shift: Float32Array;
}

export function scalingOf({ lower, upper }: Bounds, [low, high]: Range): Scaling {
  const scale = lower.map((value, i) => (upper[i]! - value) / (high - low));
  return { scale, shift: lower.map((value, i) => value - low * scale[i]!) };
}

/** Rounding of preprocessing is no violation; what lies within it is taken as the bound. */
const slack = 1e-5;

/**
 * Rows of inputs in the attack's range. An element whose bounds are equal stands at the low end.
 * @throws UserError naming the first sample that lies outside the bounds.
 */
export function intoRange(
  rows: Float32Array,
  bounds: Bounds,
  range: Range,
  name: (row: number) => string,
): Float32Array {
  const { lower, upper } = bounds;
  const size = lower.length;
  const [low, high] = range;
  return rows.map((value, at) => {
    const i = at % size;
    const room = upper[i]! - lower[i]!;
    const share = room > 0 ? (value - lower[i]!) / room : 0;
    // written so that NaN is refused
    const isInside =
      room > 0
        ? share >= -slack && share <= 1 + slack
        : Math.abs(value - lower[i]!) <= slack * Math.max(1, Math.abs(value));
    if (!isInside) {
      const where = `${name(Math.floor(at / size))}, element ${i}`;
      throw new UserError(
        'bounds',
        `expected inputs in [${lower[i]}, ${upper[i]}] (${bounds.description}), got ${value} in ${where}; widen them with --bounds`,
      );
    }
    return Math.min(high, Math.max(low, low + share * (high - low)));
  });
}

/** Rows of the attack's range as inputs: what did not change from `start` is the input to the bit. */
export function outOfRange(
  points: Float32Array,
  start: Float32Array,
  inputs: Float32Array,
  bounds: Bounds,
  range: Range,
): Float32Array {
  const { scale, shift } = scalingOf(bounds, range);
  const { lower, upper } = bounds;
  const size = lower.length;
  return points.map((value, at) => {
    if (value === start[at]) return inputs[at]!;
    const i = at % size;
    return Math.min(upper[i]!, Math.max(lower[i]!, Math.fround(value * scale[i]! + shift[i]!)));
  });
}
