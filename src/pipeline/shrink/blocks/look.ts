/** What criteria for blocks are shown: norms of weights, and of data what their criterion needs. */

import { batchesOf, type Samples } from '../../../data/index.js';
import { gated } from '../../../depth/gates.js';
import { readMatrices } from '../../../ops/matrices.js';
import { cosinesOf } from '../../../prune/blocks/cosines.js';
import type { BlockInput, BlockStatistic } from '../../../prune/blocks/index.js';
import { risesOf } from '../../../prune/blocks/rises.js';
import { slopesOf } from '../../../prune/blocks/slopes.js';
import type { JobContext } from '../../../runtime/job-protocol.js';
import { floatsOf } from '../../../tensor/convert.js';
import type { Engine } from '../../engine.js';
import { calibrationBatch } from '../../prune/job.js';
import { trainingLoss } from '../../reconstruct/training-loss.js';
import type { BlockScene } from './scene.js';

/** Batches of a gradient: as for units. */
const slopeBatch = 4;

/** @throws UserError for a loss of data without labels or text. */
export async function lookAtBlocks(
  scene: BlockScene,
  needs: readonly BlockStatistic[],
  samples: Samples | undefined,
  engine: Engine,
  { signal, emit }: JobContext,
  batch?: number,
): Promise<Omit<BlockInput, 'seed'>> {
  const { blocks, flows } = scene;
  const branches = blocks.map((block) => block.branches);
  const bare = {
    names: blocks.map(({ name }) => name),
    norms: normsOf(scene),
    ...{ cosines: new Float64Array(), slopes: [], rises: new Float64Array() },
  };
  if (!samples || needs.length === 0) return bare;
  const tell = (stage: string, total: number) => ({
    ...engine,
    signal,
    onBatch: (done: number) => emit({ type: 'progress', stage, done, total, unit: 'batches' }),
  });
  const size = samples.fixedBatch ?? batch ?? calibrationBatch(samples);
  if (needs.includes('cosines')) {
    const options = tell('observe', Math.ceil(samples.count / size));
    return { ...bare, cosines: await cosinesOf(flows.graph, branches, batchesOf(samples, size), options) };
  }
  const open = gated(flows.graph, branches, new Float64Array(blocks.length).fill(1));
  const problem = trainingLoss(open.graph, samples);
  const each = Math.min(needs.includes('slopes') ? (samples.fixedBatch ?? batch ?? slopeBatch) : size, samples.count);
  const whole = Math.floor(samples.count / each);
  const all = problem.batches(
    Array.from({ length: whole }, (_, i) => i),
    each,
  );
  const batches = {
    *[Symbol.iterator]() {
      for (let i = 0; i < all.count; i++) yield all.at(i);
    },
  };
  return needs.includes('slopes')
    ? { ...bare, slopes: await slopesOf(problem, open.gates, batches, tell('slopes of the loss', whole)) }
    : { ...bare, rises: await risesOf(problem, open.gates, batches, tell('losses without blocks', whole)) };
}

/** Of matrices as they are multiplied by, and of the other weights as stored. */
function normsOf({ blocks, flows: { graph } }: BlockScene): Float64Array {
  const stored = new Map([...graph.initializers].map(([{ name }, t]) => [name, t]));
  const squares = (weights: Float32Array): number => weights.reduce((sum, w) => sum + w * w, 0);
  return Float64Array.from(blocks, ({ layers, held }) => {
    const matrices = new Set(layers.map(({ name }) => name));
    const others = held.filter((name) => !matrices.has(name)).map((name) => floatsOf(stored.get(name)!));
    return Math.sqrt(
      [...layers.map((layer) => readMatrices(layer)), ...others].reduce((sum, each) => sum + squares(each), 0),
    );
  });
}
