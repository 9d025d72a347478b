/** Work that never waits for the runtime gives way to a stop all the same: between two batches, two layers or two tensors. */
import { describe, expect, test } from 'vitest';
import type { Model, Value } from '../../src/ir/types.js';
import { findLayers, type Layer } from '../../src/ops/layers.js';
import { compareWeights } from '../../src/pipeline/compare/weights.js';
import { StepsInMemory } from '../../src/pipeline/dry-run/steps-in-memory.js';
import { type PruneTask, pruneRegion } from '../../src/pipeline/prune/region.js';
import { driftBefore } from '../../src/pipeline/reconstruct/drift-by-depth.js';
import { relativeErrors } from '../../src/pipeline/reconstruct/region-error.js';
import { type Pruner, pruners } from '../../src/prune/index.js';
import type { RegionTask } from '../../src/reconstruct/solver.js';
import { Crossings, type Feeds } from '../../src/regions/crossings.js';
import type { Region } from '../../src/regions/index.js';
import type { PairStage } from '../../src/regions/propagate-pair.js';
import { type Kept, Shelf } from '../../src/tensor/shelf.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';
import { stopSoon } from '../helpers/stop-soon.js';
import { graphOf, input, noisy } from '../ops/graphs.js';

/** Of batches, layers or tensors: far more than are worked on in one turn. */
const many = 50;

const x = input('x', [1]);
const nothing = graphOf([x], () => []);
const batch: Feeds = new Map([[x, float32([1], Float32Array.of(1))]]);
const batches: readonly Feeds[] = Array(many).fill(batch);

/** Counts what is done with what lies on it. */
class Counting extends Shelf {
  puts = 0;
  reads = 0;
  drops = 0;

  override put(tensor: Tensor, row?: unknown): Kept {
    this.puts++;
    const kept = super.put(tensor, row);
    return {
      read: () => {
        this.reads++;
        return kept.read();
      },
      drop: () => {
        this.drops++;
        kept.drop();
      },
    };
  }
}

async function held(shelf: Shelf): Promise<Crossings> {
  const crossings = new Crossings(shelf);
  await crossings.start(nothing, batches, () => true, {}, undefined);
  return crossings;
}

const region = (layers: readonly Layer[]): Region => ({
  name: 'region',
  kind: 'block',
  inputs: [x],
  outputs: [x],
  layers,
  nodes: [],
});

const wide = graphOf([input('a', [4, 4])], (g) => {
  const a = input('a', [4, 4]);
  return Array.from({ length: many }, (_, i) => g.matmul(a, g.constant(noisy([4, 4]), `w${i}`)));
});
const { layers } = findLayers(wide);

interface Work {
  run(signal: AbortSignal): Promise<unknown>;
  /** Of batches, layers or tensors so far. */
  steps(): number;
}

const places: Record<string, () => Promise<Work> | Work> = {
  'what the first regions read is put aside': () => {
    const shelf = new Counting();
    const run: Work['run'] = (signal) => new Crossings(shelf).start(nothing, batches, () => true, {}, signal);
    return { run, steps: () => shelf.puts };
  },
  'what a region answered is taken over': async () => {
    const shelf = new Counting();
    const [own, made] = [await held(shelf), await held(new Shelf())];
    return { run: (signal) => own.adopt(made, () => false, signal), steps: () => shelf.drops };
  },
  'the distance of the two paths is taken': async () => {
    const shelf = new Counting();
    const stage = { sparse: await held(shelf), dense: await held(new Shelf()) } as Partial<PairStage> as PairStage;
    return { run: (signal) => driftBefore(stage, region(layers), signal), steps: () => shelf.reads };
  },
  'the size of the targets is taken': () => {
    let steps = 0;
    const targets = (): Feeds => {
      steps++;
      return batch;
    };
    const data = { count: many, inputs: () => batch, targets };
    const run: Work['run'] = (signal) =>
      relativeErrors({ graph: nothing, data, signal } as Partial<RegionTask> as RegionTask, nothing);
    return { run, steps: () => steps };
  },
  'layers are pruned by their weights alone': () => {
    let steps = 0;
    const score: Pruner['score'] = ({ weight }) => {
      steps++;
      return weight.data.map(Math.abs);
    };
    const plan = { pattern: { kind: 'unstructured', sparsity: 0.5 }, sparsity: 0.5 } as const;
    const task = {
      request: { selection: 'exact', seed: 0, methodOptions: {} },
      pruner: { ...pruners.magnitude, score },
      stored: new Map(layers.map((layer) => [layer.name, layer])),
      plans: new Map(layers.map(({ name }) => [name, plan])),
      run: new StepsInMemory(),
    };
    const run: Work['run'] = (signal) =>
      pruneRegion({ ...task, context: { signal } } as unknown as PruneTask, 0, layers, async () => new Map());
    return { run, steps: () => steps };
  },
  'weights are compared': () => {
    let steps = 0;
    const counted = [...wide.initializers].map(([value, t]): [Value, Tensor] => {
      const read: Tensor['payload']['read'] = (offset, length) => {
        steps++;
        return t.payload.read(offset, length);
      };
      return [value, { ...t, payload: { ...t.payload, read } }];
    });
    const model = { graph: { ...wide, initializers: new Map(counted) } } as Partial<Model> as Model;
    return { run: (signal) => compareWeights(model, { ...model, graph: wide }, signal), steps: () => steps };
  },
};

describe('a stop is heard while', () => {
  test.each(Object.entries(places))('%s', async (_, prepare) => {
    const { run, steps } = await prepare();
    await expect(run(stopSoon())).rejects.toThrow('stopped');
    expect(steps()).toBeLessThan(many);
  });
});
