import { expect, test } from 'vitest';
import { findLayers } from '../../src/ops/layers.js';
import { crossingBytes } from '../../src/regions/crossing-bytes.js';
import { findRegions, granularities, schedule } from '../../src/regions/index.js';
import { propagate } from '../../src/regions/propagate.js';
import { annotate } from '../../src/runtime/annotate.js';
import { type Kept, Shelf } from '../../src/tensor/shelf.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { feedsOf, gpt } from './whole-models.js';

/** Remembers the most that lay on it at once. */
class Scales extends Shelf {
  most = 0;
  #now = 0;

  override put(tensor: Tensor): Kept {
    const kept = super.put(tensor);
    const { byteLength } = tensor.payload;
    this.#now += byteLength;
    this.most = Math.max(this.most, this.#now);
    return {
      read: kept.read,
      drop: () => {
        this.#now -= byteLength;
        kept.drop();
      },
    };
  }
}

test('what waits between the blocks of the bundled GPT is what was said', async () => {
  const graph = gpt();
  const types = await annotate(graph);
  const { layers } = findLayers(graph, types);
  const structure = findRegions(graph, layers, types);
  const plan = schedule(structure, granularities.block(structure), layers);
  const [batch] = await feedsOf(graph);
  const shelf = new Scales();
  await propagate(
    { graph, types, schedule: plan, batches: [batch!], engine: { threads: 1 }, shelf },
    async () => new Map(),
  );
  expect(crossingBytes(plan, types)).toBe(shelf.most);
  expect(crossingBytes(plan, types, true)).toBeLessThan(shelf.most);
});
