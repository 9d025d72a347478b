/** What the report of a run warns of. */
import { plural } from '../../report/format.js';
import type { LayerReport } from '../../report/prune-report.js';
import type { RegionFacts } from '../reconstruct/region.js';
import type { Finished } from './results.js';

/** How the note on a layer begins that nothing was done to. */
export const leftAlone = 'left as it was: ';

type Warned = Pick<Finished, 'scene' | 'before' | 'times' | 'result'>;

export function warningsOf({ scene, before, times, result }: Warned, layers: readonly LayerReport[]): string[] {
  const left = layers.filter(({ notes }) => notes.some((note) => note.startsWith(leftAlone)));
  return [
    ...(left.length > 0
      ? [`the pattern does not fit ${left.length} of ${layers.length} selected layers: they were left alone`]
      : []),
    ...(scene.inside > 0
      ? [`${plural(scene.inside, 'weight')} inside branches, loops or functions cannot be pruned: left alone`]
      : []),
    ...(result.order?.report.notes ?? []),
    ...notImproved(result.reconstruction?.regions ?? []),
    ...(before.sizes.isGzipEstimated ? ['gzip sizes are estimated from 64 MiB of each large file'] : []),
    ...(typeof times === 'string' ? [`latency was not measured: ${times}`] : []),
  ];
}

/** Descent that gains nothing is mostly too fast for the network. */
function notImproved(regions: readonly RegionFacts[]): string[] {
  const stuck = regions.filter(({ before, after, steps }) => steps > 0 && !(after < before));
  if (stuck.length === 0) return [];
  const named = stuck.slice(0, 3).map(({ name }) => name);
  const others = stuck.length > named.length ? `, and ${stuck.length - named.length} more` : '';
  return [
    `descent made ${stuck.length} of ${plural(regions.length, 'region')} no better (${named.join(', ')}${others}): try a lower --rate, or more data`,
  ];
}
