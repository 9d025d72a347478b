/** The files of a set, read one after the other: each may be labelled, partly labelled or not labelled. */
import { extname } from 'node:path';
import { UserError } from '../../errors.js';
import type { Value } from '../../ir/types.js';
import { type SampleOptions, type Settings, settle } from '../settings.js';
import { type DataSource, type ResolvedSource, resolveSource } from '../source.js';
import { readPart, type SeriesPart } from './part.js';

/** How files are read; what a descriptor says of this gives way. */
export interface SeriesReading
  extends Pick<SampleOptions, 'kind' | 'label' | 'columns' | 'delimiter' | 'header' | 'missing' | 'map' | 'labels'> {
  /** Whether arrays of rank 3 are [series, length, channels]; default [series, channels, length]. */
  readonly stepsFirst?: boolean | undefined;
}

export interface SeriesParts {
  readonly parts: readonly SeriesPart[];
  /** What holds for them, a descriptor's words included. */
  readonly settings: Settings;
}

/** @throws UserError as readers do, and for data that are no series. */
export async function readParts(source: DataSource, reading: SeriesReading, input: Value): Promise<SeriesParts> {
  const { stepsFirst, ...options } = reading;
  const resolved = asRecords(resolveSource(source, options.kind));
  const settings = settle(options, resolved, {});
  if (settings.preprocess ?? settings.preprocessFile) {
    throw new UserError(
      resolved.where,
      'expected series to be scaled by their own figures alone, got preprocessing; leave it out and use --standardise',
    );
  }
  const parts: SeriesPart[] = [];
  for (const each of separate(resolved, settings)) parts.push(await readPart(each, settings, input, stepsFirst));
  return { parts, settings };
}

/** JSON lines are records here. */
function asRecords(source: ResolvedSource): ResolvedSource {
  const { kind, files, where } = source;
  if (kind === 'text' && files.every((path) => /\.(jsonl|ndjson)$/i.test(path)))
    return { ...source, kind: 'jsonl', parts: [{ kind: 'jsonl', files }] };
  if (kind !== 'text' && kind !== 'tokens') return source;
  throw new UserError(where, `expected series, got ${kind}; give .ts, .tsv, .arff, .csv, .npy or .npz files`);
}

/** Files of several kinds, arrays that are files of their own, and what one file of labels is about belong together row by row. */
function separate(source: ResolvedSource, { labels }: Settings): readonly ResolvedSource[] {
  const { kind, files } = source;
  if (source.parts.length > 1 || labels !== undefined) return [source];
  const isAlone = (path: string): boolean => kind !== 'arrays' || extname(path).toLowerCase() === '.npz';
  const together = files.filter((path) => !isAlone(path));
  const groups = [...(together.length > 0 ? [together] : []), ...files.filter(isAlone).map((path) => [path])];
  if (groups.length === 1) return [source];
  return groups.map((group) => ({
    ...source,
    files: group,
    parts: [{ kind, files: group }],
    where: group.length === 1 ? group[0]! : source.where,
  }));
}
