/** The figures that series and features are scaled by, taken over a whole file: usually the one a model was trained on. */
import type { Value } from '../../ir/types.js';
import { dataOf } from '../../tensor/tensor.js';
import type { Entry } from '../entries.js';
import { type Column, isPictures } from '../reader.js';
import { isSeries, numbersOf } from './series.js';
import { extentOf, seriesLayout } from './series-layout.js';
import { type Scale, type Standardise, scaleCollector } from './standardise.js';

/** One scale for each channel of the input, over all values of all records. */
export const trainingScales = (
  kind: Standardise['kind'],
  columns: ReadonlyMap<Value, string>,
  byName: ReadonlyMap<string, Entry>,
  where: string,
): Map<Value, readonly Scale[]> =>
  new Map(
    [...columns].flatMap(([input, name]) => {
      const { column, count } = byName.get(name) as Entry;
      if (isPictures(column) || !isSeries(column) || column.role === 'extent') return [];
      return [[input, channelScales(kind, input, column, count, where)] as const];
    }),
  );

/** Numbers read at a time. */
const numbersAtOnce = 2 ** 20;

function channelScales(
  kind: Standardise['kind'],
  input: Value,
  column: Column,
  count: number,
  where: string,
): readonly Scale[] {
  const { channels, length } = seriesLayout(input, extentOf(column), where).extent;
  const collectors = Array.from({ length: channels }, () => scaleCollector(kind));
  const step = Math.max(1, Math.floor(numbersAtOnce / (channels * length)));
  for (let from = 0; from < count; from += step) {
    const rows = Uint32Array.from({ length: Math.min(step, count - from) }, (_, i) => from + i);
    const values = numbersOf(column.read(rows));
    const lengths = column.lengths && (dataOf(column.lengths.read(rows)) as BigInt64Array);
    for (let row = 0; row < rows.length; row++) {
      const filled = Number(lengths?.[row] ?? length);
      collectors.forEach(({ add }, channel) => {
        for (let step = 0; step < filled; step++) add(values[(row * channels + channel) * length + step] as number);
      });
    }
  }
  return collectors.map(({ scale }) => scale());
}
