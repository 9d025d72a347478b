/** Statistics of all layers with the whole model dense, kept in the run directory and read back one layer at a time. */
import { observe } from '../calibrate/observe.js';
import type { Layer } from '../ops/layers.js';
import type { StatisticName, Statistics } from '../prune/index.js';
import { propagate, type Walk } from '../regions/propagate.js';
import type { RunDirectory } from '../run/run-directory.js';
import { dataOf, type Tensor, tensor } from '../tensor/tensor.js';

/** Observes every region of the walk, except where an earlier start of the run has done so. */
export async function denseStatistics(
  walk: Walk,
  needs: readonly StatisticName[],
  run: RunDirectory,
  onRegion: (done: number) => void,
): Promise<(layer: Layer) => Statistics> {
  const { regions } = walk.schedule;
  const step = (index: number): string => `statistics-${String(index).padStart(4, '0')}`;
  if (
    !(await areFinished(
      run,
      regions.map((_, index) => step(index)),
    ))
  ) {
    await propagate(walk, async ({ index, region, graph, feeds, engine }) => {
      if (region.layers.length > 0) {
        const observed = await observe(graph, region.layers, needs, feeds, {
          ...engine,
          ...(walk.signal && { signal: walk.signal }),
        });
        await run.write(step(index), tensorsOf(observed), samplesOf(observed));
      } else {
        await run.write(step(index), new Map(), {});
      }
      onRegion(index + 1);
      return new Map();
    });
  }
  const regionOf = new Map(regions.flatMap(({ layers }, index) => layers.map((layer) => [layer, index] as const)));
  return (layer) => {
    const checkpoint = run.finished(step(regionOf.get(layer) as number));
    const read = (name: StatisticName): Float64Array | undefined => {
      const stored = checkpoint.tensors.get(`${layer.name}:${name}`);
      return stored && (dataOf(stored) as Float64Array);
    };
    const [columnNorm, gram] = [read('columnNorm'), read('gram')];
    const samples = (checkpoint.facts as Record<string, number>)[layer.name];
    return { ...(samples !== undefined && { samples }), ...(columnNorm && { columnNorm }), ...(gram && { gram }) };
  };
}

async function areFinished(run: RunDirectory, steps: readonly string[]): Promise<boolean> {
  for (const step of steps) if (!(await run.checkpoint(step))) return false;
  return true;
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
