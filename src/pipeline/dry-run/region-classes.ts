/** Regions that are alike: one of them, tried out, tells what all of them take. */
import type { Layer } from '../../ops/layers.js';
import type { Region } from '../../regions/index.js';

/** Of each class the first region, with all that are like it; regions without layers are in none. */
export function regionClasses(
  regions: readonly Region[],
  layersOf: (region: Region) => readonly Layer[],
): Map<number, readonly number[]> {
  const classes = new Map<string, number[]>();
  for (const [index, region] of regions.entries()) {
    const layers = layersOf(region);
    if (layers.length === 0) continue;
    const ops = region.nodes.map(({ op }) => op).join();
    const kind = `${ops} ${layers.map(({ stored }) => stored.shape.join('x')).join()}`;
    classes.set(kind, [...(classes.get(kind) ?? []), index]);
  }
  return new Map([...classes.values()].map((indices) => [indices[0]!, indices]));
}
