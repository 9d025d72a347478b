/** The columns of a source, and which of them feeds which input of a graph. */
import { feeds } from '../ir/graph.js';
import type { Graph } from '../ir/types.js';
import type { Tensor } from '../tensor/tensor.js';
import { type Entries, readEntries } from './entries.js';
import { withFeatures } from './features.js';
import { type Matched, matchColumns } from './match.js';
import type { Settings } from './settings.js';
import type { ResolvedSource } from './source.js';

export interface MatchedEntries {
  readonly entries: Entries;
  readonly matched: Matched;
}

/** @param arrays those of the source, where they have been read already. @throws UserError naming the file, column or input at fault. */
export async function matchedEntries(
  graph: Graph,
  source: ResolvedSource,
  settings: Settings,
  arrays?: ReadonlyMap<string, Tensor>,
): Promise<MatchedEntries> {
  const wanted = feeds(graph);
  const read = await readEntries(source, settings, arrays);
  const entries = { ...read, byName: withFeatures(wanted, read.byName, settings.map, source.where) };
  const noun = source.kind === 'arrays' ? 'array' : 'column';
  return { entries, matched: matchColumns(wanted, [...entries.byName.keys()], settings.map, source.where, noun) };
}
