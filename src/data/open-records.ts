/** Arrays and records as samples: columns matched with inputs, preprocessed and converted batch by batch. */
import { UserError } from '../errors.js';
import type { Graph, Value } from '../ir/types.js';
import { random } from '../tensor/random.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkRange } from './batch-range.js';
import { classesOf, type Entries, type Entry, labelNumbers } from './entries.js';
import { type ClassLabels, mapLabels } from './labels.js';
import type { Matched } from './match.js';
import { matchedEntries } from './matched-entries.js';
import { type Feed, feedsOf } from './preprocess/feeds.js';
import { identify } from './provenance.js';
import { rowsOf } from './rows.js';
import type { Samples } from './samples.js';
import { seriesOptions, trainingFiles } from './series-options.js';
import type { Settings } from './settings.js';
import type { ResolvedSource } from './source.js';

/** @param arrays those of the source, where they have been read already. @throws UserError naming the file, column or input at fault. */
export async function openRecords(
  graph: Graph,
  source: ResolvedSource,
  settings: Settings,
  arrays?: ReadonlyMap<string, Tensor>,
): Promise<Samples> {
  const { where, descriptor, kind, ownFiles } = source;
  const { entries, matched } = await matchedEntries(graph, source, settings, arrays);
  const available = commonCount(matched, entries.byName, where);
  const { labels, names: classes, description: order } = labelsOf(entries, matched, available, settings, where);
  const series = await seriesOptions(graph, source, settings);
  const rows = chosenRows(available, settings, where);
  const inputs = feedsOf(matched.columns, entries.byName, settings.preprocess, where, series);
  const fixedBatch = [...inputs.keys()].map(({ type }) => type?.shape?.[0]).find((size) => typeof size === 'number');
  const count = rows.length;
  const what = descriptor?.description ?? (kind === 'arrays' ? 'arrays' : kind);
  return {
    count,
    batch: (from, to) => {
      checkRange(from, to, count, fixedBatch);
      return fill(inputs, rows.subarray(from, to), fixedBatch);
    },
    ...(labels && { labels: Int32Array.from(rows, (row) => labels[row]!) }),
    ...(classes && { classes }),
    ...(fixedBatch !== undefined && { fixedBatch }),
    pictures: named(inputs, ({ pictures }) => pictures),
    features: named(inputs, ({ names }) => names),
    provenance: {
      files: await identify([
        ...ownFiles,
        ...entries.filesOf(rows),
        ...entries.alsoRead,
        ...trainingFiles(settings),
        ...preprocessFile(settings),
      ]),
      description: [
        `${what}: ${[...inputs.keys()].map(({ name }) => `'${name}'`).join(', ')}`,
        ...entries.descriptions,
        ...(order ? [order] : []),
        ...new Set([...inputs.values()].flatMap(({ description }) => description ?? [])),
        `${count} of ${available} samples ${isDrawn(count, available, settings) ? `drawn with seed ${settings.seed}` : 'from the start'}`,
      ].join('; '),
      samples: count,
    },
  };
}

/** What some feeds have, by the name of the input. */
function named<T>(inputs: ReadonlyMap<Value, Feed>, of: (feed: Feed) => T | undefined): Map<string, T> {
  const found = new Map<string, T>();
  for (const [{ name }, feed] of inputs) {
    const value = of(feed);
    if (value !== undefined) found.set(name, value);
  }
  return found;
}

const preprocessFile = ({ preprocessFile: path }: Settings): string[] => (path === undefined ? [] : [path]);

function fill(inputs: ReadonlyMap<Value, Feed>, rows: Uint32Array, fixedBatch: number | undefined): Map<Value, Tensor> {
  return new Map(
    [...inputs].map(([input, { read }]) => {
      const array = read(rows);
      const isShort = fixedBatch !== undefined && fixedBatch > rows.length;
      return [input, isShort ? rowsOf(array, 0, rows.length, fixedBatch) : array];
    }),
  );
}

/** Numbers in an array are those of the classes, unless the user lists the classes. */
function labelsOf(
  { labels, classes: names, byName }: Entries,
  { labels: column }: Matched,
  count: number,
  { classes }: Settings,
  where: string,
): Partial<ClassLabels> {
  if (labels && labels.length !== count) {
    throw new UserError(where, `expected ${count} labels, one a sample, got ${labels.length}; give one a sample`);
  }
  if (labels) return { labels, ...(names && { names }) };
  if (column === undefined) return {};
  const [entry, place] = [byName.get(column)!, `${where}: '${column}'`];
  if (!classes) return { labels: classesOf(entry, count, place) };
  return mapLabels([...labelNumbers(entry, count, place)], undefined, place, classes);
}

function commonCount({ columns }: Matched, byName: ReadonlyMap<string, Entry>, where: string): number {
  const counts = [...columns].map(([{ name }, column]) => ({ name, count: byName.get(column)!.count }));
  const first = counts[0];
  if (!first) throw new UserError(where, 'the model has no input to feed; there is nothing to measure by data');
  const other = counts.find(({ count }) => count !== first.count);
  if (!other) return first.count;
  throw new UserError(
    where,
    `expected as many samples for '${other.name}' as for '${first.name}' (${first.count}), got ${other.count}; cut one of them`,
  );
}

/** The first `samples` rows, or a drawn subset in random order; all of them stay in their order. */
export function chosenRows(
  available: number,
  { samples = available, order, seed }: Pick<Settings, 'samples' | 'order' | 'seed'>,
  where: string,
): Uint32Array {
  if (available === 0) {
    throw new UserError(where, 'expected samples, got none; the arrays are empty along their first axis');
  }
  if (samples > available) throw new UserError(where, `expected ${samples} samples, got ${available}; ask for fewer`);
  return isDrawn(samples, available, { order })
    ? random(seed, 'samples').sample(samples, available)
    : Uint32Array.from({ length: samples }, (_, row) => row);
}

const isDrawn = (count: number, available: number, { order }: Pick<Settings, 'order'>): boolean =>
  order === 'random' && count < available;
