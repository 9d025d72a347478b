/** Series of several files as one array: one number of channels, one length. */
import { UserError } from '../../errors.js';
import type { Series } from '../series.js';
import type { SeriesPart } from './part.js';

/** What series of other sets, or a model, must agree with. */
export interface SeriesShape {
  readonly channels: number;
  /** Steps of the longest; shorter ones are filled up with zeros where `isUnequal`. */
  readonly length: number;
  readonly isUnequal: boolean;
  /** Who says so, in errors: `the training set`. */
  readonly of: string;
}

export interface LengthReading {
  /** Leaves out the end of series that are longer than those trained on, or than the model's input. */
  readonly cutSeries?: boolean | undefined;
  /** Fills series of files that are shorter than those of others up with zeros; series of unequal length always are. */
  readonly padSeries?: boolean | undefined;
}

/** @throws UserError when files differ in channels, or in length though the series of each have one. */
export function shapeOf(parts: readonly SeriesPart[], { padSeries = false }: LengthReading): SeriesShape {
  const [first] = parts as readonly [SeriesPart];
  const { channels } = first;
  const isUnequal = padSeries || parts.some(({ lengths }) => lengths);
  const shape = { channels, length: first.length, isUnequal, of: first.where };
  for (const part of parts) checkPart(part, shape, {});
  return { ...shape, length: parts.reduce((most, { length }) => Math.max(most, length), 0), of: 'the training set' };
}

/**
 * [count, channels, length] of all parts, each series cut or filled up with zeros.
 * @param room steps to make of each; default those of `shape`. @throws UserError when a part has other channels or lengths.
 */
export function joined(
  parts: readonly SeriesPart[],
  shape: SeriesShape,
  reading: LengthReading,
  room = shape.length,
): Series {
  const { channels } = shape;
  for (const part of parts) checkPart(part, shape, { ...reading, isJoined: true });
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const values = new Float32Array(count * channels * room);
  const lengths = new Int32Array(count);
  let row = 0;
  for (const part of parts) {
    for (let own = 0; own < part.count; own++, row++) {
      const filled = Math.min(part.lengths?.[own] ?? part.length, room, shape.length);
      lengths[row] = filled;
      for (let channel = 0; channel < channels; channel++) {
        const from = (own * channels + channel) * part.length;
        values.set(part.values.subarray(from, from + filled), (row * channels + channel) * room);
      }
    }
  }
  const isFull = lengths.every((filled) => filled === room);
  return { count, channels, length: room, values, ...(!isFull && { lengths }) };
}

function checkPart(
  part: SeriesPart,
  { channels, length, isUnequal, of }: SeriesShape,
  { cutSeries = false, isJoined = false }: LengthReading & { readonly isJoined?: boolean },
): void {
  if (part.channels !== channels) {
    throw new UserError(
      part.where,
      `expected ${plural(channels, 'channel')}, as in ${of}, got ${part.channels}; give series of the same channels`,
    );
  }
  const shortest = part.lengths
    ? part.lengths.reduce((least, each) => Math.min(least, each), part.length)
    : part.length;
  const got = shortest === part.length ? `${shortest}` : `${shortest} to ${part.length}`;
  if (isJoined && part.length > length && !cutSeries) {
    const most = isUnequal ? `at most ${length} values, the longest of` : `${length} values, as in`;
    throw new UserError(part.where, `expected series of ${most} ${of}, got ${got}; cut them with --cut-series`);
  }
  if (isUnequal || shortest === length || (isJoined && shortest > length)) return;
  throw new UserError(
    part.where,
    `expected series of ${length} values, as in ${of}, got ${got}; fill shorter ones up with zeros by --pad-series`,
  );
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
