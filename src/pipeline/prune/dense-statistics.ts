/** Statistics of all layers with the whole model dense, kept in the run directory and read back one layer at a time. */
import { observe } from '../../calibrate/observe.js';
import type { Layer } from '../../ops/layers.js';
import type { StatisticName, Statistics } from '../../prune/index.js';
import type { Region } from '../../regions/index.js';
import { propagate, type Walk } from '../../regions/propagate.js';
import type { Steps } from '../../run/run-directory.js';
import { dataOf, type Tensor, tensor } from '../../tensor/tensor.js';

const stepName = (index: number): string => `statistics-${String(index).padStart(4, '0')}`;

/** The regions, of those that are asked for, that no earlier start of the run has observed. */
export async function unobserved(
  regions: readonly Region[],
  run: Steps,
  isMine: (index: number) => boolean = () => true,
): Promise<Set<number>> {
  const open = new Set<number>();
  for (const index of regions.keys()) if (isMine(index) && !(await run.checkpoint(stepName(index)))) open.add(index);
  return open;
}

/** Observes the regions of the walk that are `open`; it ends with the last of them. */
export async function observeDense(
  walk: Walk,
  open: ReadonlySet<number>,
  needs: readonly StatisticName[],
  run: Steps,
  onRegion: (done: number, total: number) => void,
): Promise<void> {
  if (open.size === 0) return;
  const { signal, schedule } = walk;
  const regions = schedule.regions.slice(0, Math.max(...open) + 1);
  let done = 0;
  onRegion(done, open.size);
  await propagate({ ...walk, schedule: { ...schedule, regions } }, async ({ index, region, graph, feeds, engine }) => {
    if (!open.has(index)) return new Map();
    const options = { ...engine, ...(signal && { signal }) };
    const observed = await observe(graph, region.layers, needs, feeds, options);
    await run.write(stepName(index), tensorsOf(observed), samplesOf(observed));
    onRegion(++done, open.size);
    return new Map();
  });
}

/** What was observed of a layer of these regions. */
export function denseStatistics(regions: readonly Region[], run: Steps): (layer: Layer) => Promise<Statistics> {
  const regionOf = new Map(regions.flatMap(({ layers }, index) => layers.map((layer) => [layer, index] as const)));
  return async (layer) => {
    const name = stepName(regionOf.get(layer) as number);
    const checkpoint = await run.checkpoint(name);
    if (!checkpoint) throw new Error(`step ${name} of the run was finished and is gone`);
    const read = (statistic: StatisticName): Float64Array | undefined => {
      const stored = checkpoint.tensors.get(`${layer.name}:${statistic}`);
      return stored && (dataOf(stored) as Float64Array);
    };
    const [columnNorm, gram] = [read('columnNorm'), read('gram')];
    const samples = (checkpoint.facts as Record<string, number>)[layer.name];
    return { ...(samples !== undefined && { samples }), ...(columnNorm && { columnNorm }), ...(gram && { gram }) };
  };
}

function tensorsOf(observed: ReadonlyMap<Layer, Statistics>): Map<string, Tensor> {
  return new Map(
    [...observed].flatMap(([{ name }, { columnNorm, gram }]) => [
      ...(columnNorm ? [[`${name}:columnNorm`, tensor('float64', [columnNorm.length], columnNorm)] as const] : []),
      ...(gram ? [[`${name}:gram`, tensor('float64', [gram.length], gram)] as const] : []),
    ]),
  );
}

const samplesOf = (observed: ReadonlyMap<Layer, Statistics>): Record<string, number> =>
  Object.fromEntries([...observed].map(([{ name }, { samples }]) => [name, samples ?? 0]));
