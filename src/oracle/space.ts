/** Space: what the elements of one example are. Attacks see every example as [channels, height, width], whatever the model takes. */
import { UserError } from '../errors.js';

export const spaceKinds = ['image', 'series', 'features', 'tokens'] as const;
export type SpaceKind = (typeof spaceKinds)[number];

export interface Space {
  readonly kind: SpaceKind;
  readonly channels: number;
  /** 1 unless an image. */
  readonly height: number;
  readonly width: number;
  /** height * width: what can be changed as one. */
  readonly positions: number;
  /** channels * positions. */
  readonly size: number;
  /** Whether the model takes the channels of one position side by side: [height, width, channels]. */
  readonly channelsLast: boolean;
}

/**
 * The space of an input without its batch axis: three sizes are an image, two a series, one features of a table. Channels come
 * first unless only the last axis can hold them.
 * @param kind as the user says, or the sizes of [channels, height, width]. @throws UserError when the sizes cannot be that.
 */
export function spaceOf(sizes: readonly number[], wanted: SpaceWish = kinds[sizes.length] ?? 'features'): Space {
  const kind = typeof wanted === 'string' ? wanted : 'image';
  const make = (channels: number, height: number, width: number, channelsLast = false): Space => {
    const positions = height * width;
    return { kind, channels, height, width, positions, size: channels * positions, channelsLast };
  };
  if (typeof wanted !== 'string') return saidSpace(sizes, wanted, make);
  if (kind === 'features') return make(1, 1, product(sizes));
  const [first = 1, second = 1, third = 1] = sizes;
  if (kind === 'image' && sizes.length === 3) {
    const last = !isChannels(first) && isChannels(third);
    return last ? make(third, first, second, true) : make(first, second, third);
  }
  if (kind === 'image' && sizes.length === 2) return make(1, first, second);
  if (kind === 'series' && sizes.length === 2)
    return first > second ? make(second, 1, first, true) : make(first, 1, second);
  // the values of one token lie side by side
  if (kind === 'tokens' && sizes.length === 2) return make(second, 1, first, true);
  if (kind === 'series' && sizes.length === 1) return make(1, 1, first);
  throw new UserError(
    'model',
    `expected an input that can be ${kind === 'image' ? 'an image' : kind}, got one of shape [?, ${sizes.join(', ')}]; choose another --space`,
  );
}

/** As a kind, or spelled out: for a row of numbers that is an image. */
export type SpaceWish = SpaceKind | readonly [channels: number, height: number, width: number];

function saidSpace(
  sizes: readonly number[],
  [channels, height, width]: readonly [number, number, number],
  make: (channels: number, height: number, width: number) => Space,
): Space {
  if (channels * height * width === product(sizes)) return make(channels, height, width);
  throw new UserError(
    '--space',
    `expected sizes of ${product(sizes)} values, which the input has, got ${channels}x${height}x${width}; correct them`,
  );
}

const kinds: Readonly<Record<number, SpaceKind>> = { 1: 'features', 2: 'series', 3: 'image' };

const isChannels = (size: number): boolean => size === 1 || size === 3 || size === 4;

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

/** Rows of [positions, channels] to rows of [channels, positions]. */
export const channelsFirst = (rows: Float32Array, { channels, positions }: Space): Float32Array =>
  turned(rows, positions, channels);

/** And back. */
export const channelsBehind = (rows: Float32Array, { channels, positions }: Space): Float32Array =>
  turned(rows, channels, positions);

function turned(rows: Float32Array, outer: number, inner: number): Float32Array {
  const made = new Float32Array(rows.length);
  const size = outer * inner;
  for (let row = 0; row < rows.length; row += size)
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) made[row + i * outer + o] = rows[row + o * inner + i]!;
  return made;
}
