/** One file of series in memory, or several that belong together, with labels as they stand there. */
import { UserError } from '../../errors.js';
import type { Value } from '../../ir/types.js';
import { floatsOf } from '../../tensor/convert.js';
import { dataOf, type Tensor } from '../../tensor/tensor.js';
import { readArrays } from '../arrays.js';
import { type Entry, type NamedEntries, readNamedEntries } from '../entries.js';
import { withFeatures } from '../features.js';
import { labelNames, matchColumns } from '../match.js';
import { isSeries } from '../preprocess/series.js';
import { type Column, isPictures, type Label } from '../reader.js';
import type { Series } from '../series.js';
import type { Settings } from '../settings.js';
import type { ResolvedSource } from '../source.js';
import { filledLengths } from './filled.js';

/** `length` is that of the longest; `lengths` stand where they differ. */
export interface SeriesPart extends Series {
  /** The file, or the source, that errors are about. */
  readonly where: string;
  /** Of each series, as the file says it. */
  readonly labels?: readonly Label[];
  /** The classes that the file lists. */
  readonly declared?: readonly Label[];
  readonly files: readonly string[];
  /** What was read, for the report. */
  readonly descriptions: readonly string[];
}

/**
 * @param input what is fed with the series: a column or array of its name comes first.
 * @param stepsFirst whether arrays of rank 3 are [series, length, channels].
 * @throws UserError naming the file, and the series, channel and step where a value is not finite.
 */
export async function readPart(
  source: ResolvedSource,
  settings: Settings,
  input: Value,
  stepsFirst = false,
): Promise<SeriesPart> {
  const { where, kind, parts, files, ownFiles } = source;
  const arrays = kind === 'arrays' && parts.length === 1 ? readArrays(files) : undefined;
  const entries = await readNamedEntries(source, { ...settings, partlyLabelled: true }, arrays);
  const { byName, labels: labelColumn, lengths } = withoutFacts(entries, settings, input, where);
  const wanted = withFeatures([input], byName, settings.map, where);
  const noun = kind === 'arrays' ? 'array' : 'column';
  const { columns } = matchColumns([input], [...wanted.keys()], settings.map, where, noun);
  const name = columns.get(input) as string;
  const { column, count } = wanted.get(name) as Entry;
  const place = arrays ? `${where}: '${name}'` : where;
  if (isPictures(column)) throw new UserError(place, 'expected series, got pictures; choose other data');
  if (count === 0) throw new UserError(place, 'expected series, got none; the array is empty along its first axis');
  const rows = Uint32Array.from({ length: count }, (_, row) => row);
  const laidOut = channelsFirst(arrays?.get(name) ?? column.read(rows), column, stepsFirst, place);
  const told = column.lengths?.read(rows) ?? (lengths && tensorOf(lengths, arrays));
  const filled = filledLengths(laidOut, told && wholeNumbers(told), place);
  const labels = entries.labelled?.labels ?? (labelColumn && [...floatsOf(tensorOf(labelColumn, arrays))]);
  if (labels && labels.length !== count) {
    throw new UserError(where, `expected ${count} labels, one a series, got ${labels.length}; give one a series`);
  }
  return {
    ...laidOut,
    ...(filled && { lengths: filled }),
    where,
    ...(labels && { labels }),
    ...(entries.labelled?.classes && { declared: entries.labelled.classes }),
    files: [...ownFiles, ...files, ...entries.alsoRead],
    descriptions: entries.descriptions,
  };
}

interface Facts {
  readonly byName: ReadonlyMap<string, Entry>;
  readonly labels?: NamedEntry;
  readonly lengths?: NamedEntry;
}

type NamedEntry = Entry & { readonly name: string };

/** Arrays of labels and of lengths are set apart by their names: neither feeds the input. */
function withoutFacts({ byName }: NamedEntries, { label, map }: Settings, input: Value, where: string): Facts {
  const own = map[input.name] ?? input.name;
  const arrays = [...byName].filter(([name, { column }]) => name !== own && (isPictures(column) || !isSeries(column)));
  const named = (isIt: (name: string) => boolean): NamedEntry | undefined => {
    const [name, entry] = arrays.find(([each]) => isIt(each)) ?? [];
    return name === undefined || !entry ? undefined : { ...entry, name };
  };
  const labels = named((name) => (label === undefined ? labelNames.test(name) : name === label));
  const lengths = named((name) => name === 'lengths');
  const taken = [labels?.name, lengths?.name];
  const wide = [labels, lengths].find((each) => each && (isPictures(each.column) || each.column.shape.length > 1));
  if (wide)
    throw new UserError(`${where}: '${wide.name}'`, 'expected one number a series, got more; give one a series');
  return {
    byName: new Map([...byName].filter(([name]) => !taken.includes(name))),
    ...(labels && { labels }),
    ...(lengths && { lengths }),
  };
}

/** Of arrays as they are, since a label may be NaN. */
const tensorOf = ({ name, column, count }: NamedEntry, arrays: ReadonlyMap<string, Tensor> | undefined): Tensor =>
  arrays?.get(name) ?? (column as Column).read(Uint32Array.from({ length: count }, (_, row) => row));

const wholeNumbers = (array: Tensor): Int32Array =>
  array.dtype === 'int64'
    ? Int32Array.from(dataOf(array) as BigInt64Array, Number)
    : Int32Array.from(floatsOf(array), (value) => value);

/** Rank 1 of a record, and the features of a table, are a series of one channel. */
function channelsFirst(array: Tensor, { shape, axes }: Column, stepsFirst: boolean, where: string): Series {
  const [count = 0] = array.shape;
  const values = floatsOf(array);
  if (shape.length > 2) {
    const got = `[${array.shape.join(', ')}]`;
    throw new UserError(where, `expected shape [series, channels, length], got ${got}; reshape the array`);
  }
  if (shape.length < 2) return { count, channels: 1, length: shape[0] ?? 1, values };
  const [first, second] = shape as [number, number];
  if (axes || !stepsFirst) return { count, channels: first, length: second, values };
  const turned = new Float32Array(values.length);
  for (let row = 0, at = 0; row < count; row++) {
    for (let step = 0; step < first; step++) {
      for (let channel = 0; channel < second; channel++, at++)
        turned[(row * second + channel) * first + step] = values[at]!;
    }
  }
  return { count, channels: second, length: first, values: turned };
}
