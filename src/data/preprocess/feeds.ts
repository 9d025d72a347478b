/** What each input is fed from its column, preprocessed as asked. */
import { UserError } from '../../errors.js';
import type { Value } from '../../ir/types.js';
import { isFloat } from '../../tensor/dtype.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Entry } from '../entries.js';
import { fitted, typeOf } from '../fit.js';
import { type Column, isPictures, type Pictures } from '../reader.js';
import type { PictureFacts } from '../samples.js';
import { numberFeed } from './number-feed.js';
import { pictureFeed } from './picture-feed.js';
import { picturesIn } from './pictures-in.js';
import { isSeries, type SeriesFeed, type SeriesOptions, seriesFeed } from './series.js';
import type { Preprocess } from './steps.js';

export interface Feed {
  /** The rows of those numbers as the input takes them. */
  read(rows: Uint32Array): Tensor;
  /** What was done, for the report. */
  readonly description?: string;
  /** Of what is fed with pictures. */
  readonly pictures?: PictureFacts;
  /** Of what is fed with cells of a table: their names, in order. */
  readonly names?: readonly string[];
}

/**
 * @param columns column name by input. @param preprocess for the inputs it names, or those fed with pictures, or all where none is.
 * @throws UserError when a column does not fit its input.
 */
export function feedsOf(
  columns: ReadonlyMap<Value, string>,
  byName: ReadonlyMap<string, Entry>,
  preprocess: Preprocess | undefined,
  where: string,
  series: SeriesOptions = {},
): Map<Value, Feed> {
  const sources = [...columns].map(([input, name]) => ({ input, name, entry: byName.get(name)! }));
  const isAsked = askedInputs(sources, preprocess, where);
  checkSeries(sources, series, where);
  return new Map(
    sources.map(({ input, name, entry: { column, count } }) => {
      const place = `${where}: '${name}'`;
      const asked = isAsked(input.name) ? preprocess : undefined;
      const pictures = isPictures(column) ? column : asked && !isSeries(column) && picturesIn(column);
      if (pictures) return [input, pictureFeed(input, pictures, asked ?? {}, place)];
      const laidOut = isSeries(column as Column) ? seriesFeed(input, column as Column, series, place) : undefined;
      const numbers = laidOut?.column ?? (column as Column);
      const feed = asked ? numberFeed(input, numbers, asked, count, place) : fitted(input, numbers, count, place);
      const names = (column as Column).names;
      const told = laidOut ? { read: (rows: Uint32Array) => feed.read(rows), ...descriptionOf(laidOut, feed) } : feed;
      return [input, names ? { ...told, names } : told];
    }),
  );
}

function descriptionOf(...feeds: readonly (SeriesFeed | Feed)[]): { readonly description?: string } {
  const said = feeds.flatMap(({ description }) => description ?? []);
  return said.length > 0 ? { description: said.join(', ') } : {};
}

/** @throws UserError when there is nothing that could be scaled or cut as asked. */
function checkSeries(sources: readonly Source[], { standardise, cut }: SeriesOptions, where: string): void {
  const asked = standardise ? '--standardise' : cut ? '--cut-series' : undefined;
  if (!asked || sources.some(({ entry: { column } }) => !isPictures(column) && isSeries(column))) return;
  throw new UserError(
    where,
    `expected series or a table for ${asked}, got others; say what the files are (--kind), or use --scale, --mean and --std`,
  );
}

interface Source {
  readonly input: Value;
  readonly entry: Entry;
}

function askedInputs(
  sources: readonly Source[],
  preprocess: Preprocess | undefined,
  where: string,
): (name: string) => boolean {
  if (!preprocess) return () => false;
  const names = sources.map(({ input }) => input.name);
  const stranger = preprocess.inputs?.find((name) => !names.includes(name));
  if (stranger !== undefined) {
    throw new UserError(
      where,
      `preprocessing is for '${stranger}', which is no input; the model has ${names.map((name) => `'${name}'`).join(', ')}`,
    );
  }
  const pictured = sources.filter(({ entry: { column } }) => holdsPictures(column));
  const usual = pictured.length > 0 ? pictured : sources.filter(({ input }) => isFloat(typeOf(input).dtype));
  const asked = preprocess.inputs ?? usual.map(({ input }) => input.name);
  return (name) => asked.includes(name);
}

const holdsPictures = (column: Column | Pictures): boolean =>
  isPictures(column) || (!isSeries(column) && picturesIn(column) !== undefined);
