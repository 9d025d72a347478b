/** Where a model's input has the channels of a series and how many values each has room for. */
import { UserError } from '../../errors.js';
import type { Value } from '../../ir/types.js';
import type { Column } from '../reader.js';

/** Sizes of one record; the features of a table are channels of one value. */
export interface Extent {
  readonly channels: number;
  readonly length: number;
}

export interface SeriesLayout {
  /** Of one record of the data, as it is fed: features become a series of one channel where the input takes series. */
  readonly extent: Extent;
  /** Of one record, as the input has it. */
  readonly shape: readonly number[];
  /** Values of a channel that there is room for. */
  readonly length: number;
  /** Whether the channels of one step lie together: [length, channels]. */
  readonly stepsFirst: boolean;
}

export function extentOf({ shape, axes = [] }: Column): Extent {
  const size = (axis: 'channel' | 'length'): number => {
    const at = axes.indexOf(axis);
    return at < 0 ? 1 : (shape[at] as number);
  };
  return { channels: size('channel'), length: size('length') };
}

/**
 * The input's sizes after the batch say where its channels are; where they leave it open, channels come first.
 * @throws UserError when neither order fits.
 */
export function seriesLayout({ name, type }: Value, extent: Extent, where: string): SeriesLayout {
  const sizes = type?.shape?.slice(1).map((size) => (typeof size === 'number' ? size : undefined));
  const { channels, length } = extent;
  const asSeries = { channels: 1, length: channels };
  const found =
    sizes?.length === 0
      ? single(extent)
      : sizes?.length === 1 || (!sizes && length === 1)
        ? flat(extent, sizes?.[0])
        : sizes && sizes.length !== 2
          ? undefined
          : (inRows(extent, sizes) ?? (length === 1 ? inRows(asSeries, sizes) : undefined));
  if (found) return found;
  const declared = ['?', ...(sizes ?? []).map((size) => size ?? '?')].join(', ');
  const got = length === 1 ? plural(channels, 'feature') : `${plural(channels, 'channel')} of ${length} values`;
  throw new UserError(
    where,
    `expected data of shape [${declared}] for the input '${name}', got ${got}; choose other columns or another layout`,
  );
}

const single = (extent: Extent): SeriesLayout | undefined =>
  extent.channels * extent.length === 1 ? { extent, shape: [], length: 1, stepsFirst: false } : undefined;

/** Features side by side, or the one channel of a series. */
function flat(extent: Extent, size: number | undefined): SeriesLayout | undefined {
  const { channels, length } = extent;
  if (length === 1 && (size ?? channels) === channels)
    return { extent, shape: [channels], length: 1, stepsFirst: false };
  const room = size ?? length;
  return channels === 1 ? { extent, shape: [room], length: room, stepsFirst: false } : undefined;
}

type Sizes = readonly (number | undefined)[];

/** Of the two orders, the one in which the input fixes the channels, or else channels first. */
function inRows(extent: Extent, [first, second]: Sizes = []): SeriesLayout | undefined {
  const { channels, length } = extent;
  const rows: SeriesLayout = {
    extent,
    shape: [channels, second ?? length],
    length: second ?? length,
    stepsFirst: false,
  };
  const steps: SeriesLayout = { extent, shape: [first ?? length, channels], length: first ?? length, stepsFirst: true };
  if (first === channels) return rows;
  if (second === channels) return steps;
  if (first === undefined) return rows;
  // with the last axis open, the first is taken for the length only when it is this one
  return second === undefined && first === length ? steps : undefined;
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
