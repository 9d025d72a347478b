/** How series and features are scaled and cut, with the figures of another file where those are asked for. */
import type { Graph } from '../ir/types.js';
import { expandFiles } from './files.js';
import { kindOf } from './kinds.js';
import { matchedEntries } from './matched-entries.js';
import type { SeriesOptions } from './preprocess/series.js';
import { trainingScales } from './preprocess/training-scales.js';
import type { Settings } from './settings.js';
import type { ResolvedSource } from './source.js';

/** The other file is read as this source is. @throws UserError when it cannot be, or lacks the columns. */
export async function seriesOptions(graph: Graph, source: ResolvedSource, settings: Settings): Promise<SeriesOptions> {
  const { standardise, cutSeries: cut } = settings;
  const [file] = trainingFiles(settings);
  if (!standardise || file === undefined) return { standardise, cut };
  const files = expandFiles([file], process.cwd());
  const kind = source.parts.length === 1 ? source.kind : kindOf(file);
  const training = { ...source, kind, files, parts: [{ kind, files }], where: file };
  // labels and classes that are given are those of the samples
  const own = { ...settings, labels: undefined, classes: undefined };
  const { entries, matched } = await matchedEntries(graph, training, own);
  return { standardise, cut, scales: trainingScales(standardise.kind, matched.columns, entries.byName, file) };
}

/** Files whose figures scale the samples. */
export const trainingFiles = ({ standardise }: Settings): string[] =>
  typeof standardise?.over === 'object' && 'file' in standardise.over ? [standardise.over.file] : [];
