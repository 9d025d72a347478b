/** Bounds that nobody named: those of the pictures' pixels, or of the data. */
import type { Samples } from '../data/samples.js';
import { UserError } from '../errors.js';
import { type Bounds, boundsOf, type Range } from './bounds.js';
import type { Network } from './network.js';
import { channelsFirst } from './space.js';

/** Ranges that images usually have; the first that holds all values is taken. */
const usual: readonly Range[] = [
  [0, 1],
  [-1, 1],
  [0, 255],
];

/**
 * What the darkest and lightest pixels become where pictures are fed; of other images the usual range that holds them, of series the
 * least and largest value of each channel, of features those of each feature, over all samples.
 * @throws UserError for data without a range.
 */
export async function dataBounds(network: Network, samples: Samples, signal?: AbortSignal): Promise<Bounds> {
  const { space, moving } = network;
  const pictured = samples.pictures?.get(moving.name)?.range;
  if (pictured) return boundsOf(pairsFor(pictured, space), space, 'of the pixels, 0 to 255');
  const seen = await extremes(network, samples, signal);
  const [least, most] = [Math.min(...seen.map(([low]) => low)), Math.max(...seen.map(([, high]) => high))];
  if (!(most - least > 0 && Number.isFinite(most - least)))
    throw new UserError(
      'bounds',
      `expected data that differ, got values from ${least} to ${most}; name bounds with --bounds`,
    );
  if (space.kind === 'features') return boundsOf(seen, space, 'of each feature in the data');
  const fits = space.kind === 'image' ? usual.find(([low, high]) => least >= low && most <= high) : undefined;
  if (fits) return boundsOf([fits], space, `the usual ${fits.join(' to ')} that holds the data`);
  return boundsOf(perChannel(seen, space), space, 'of each channel in the data');
}

function pairsFor(pairs: readonly Range[], { channels, size, kind }: Network['space']): readonly Range[] {
  const [first] = pairs as readonly [Range];
  if (pairs.every(([low, high]) => low === first[0] && high === first[1])) return [first];
  if (kind !== 'features' || pairs.length === channels) return pairs;
  // a row of all pixels, channel after channel
  return Array.from({ length: size }, (_, i) => pairs[Math.floor((i * pairs.length) / size)]!);
}

/** The least and largest value of each element. */
async function extremes({ space, clean }: Network, samples: Samples, signal?: AbortSignal): Promise<Range[]> {
  const { size } = space;
  const low = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
  const step = samples.fixedBatch ?? 64;
  for (let from = 0; from < samples.count; from += step) {
    signal?.throwIfAborted();
    const to = Math.min(samples.count, from + step);
    const raw = await clean(samples.batch(from, to));
    const rows = space.channelsLast ? channelsFirst(raw, space) : raw;
    for (let at = 0; at < (to - from) * size; at++) {
      const i = at % size;
      low[i] = Math.min(low[i]!, rows[at]!);
      high[i] = Math.max(high[i]!, rows[at]!);
    }
  }
  return Array.from(low, (value, i) => [value, high[i]!]);
}

function perChannel(seen: readonly Range[], { channels, positions }: Network['space']): Range[] {
  return Array.from({ length: channels }, (_, c) => {
    const own = seen.slice(c * positions, (c + 1) * positions);
    return [
      own.reduce((least, [low]) => Math.min(least, low), Number.POSITIVE_INFINITY),
      own.reduce((most, [, high]) => Math.max(most, high), Number.NEGATIVE_INFINITY),
    ];
  });
}
