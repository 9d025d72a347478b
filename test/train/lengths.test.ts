/** Series of unequal lengths: what stands behind the end of one has no say in anything. */
import { describe, expect, test } from 'vitest';
import { random } from '../../src/tensor/random.js';
import { dataOf, float32, type Tensor } from '../../src/tensor/tensor.js';
import { algorithms } from '../../src/train/algorithms/index.js';
import { type BackboneName, backbones } from '../../src/train/backbones/index.js';
import { views } from '../../src/train/views/index.js';
import { observed } from './algorithms/observed.js';
import { stirred } from './backbones/series.js';
import { type Small, small, waves } from './small.js';

const shape = { channels: 2, length: 16, classes: 2, width: 8, masked: true };
const lengths = (count: number): Int32Array =>
  Int32Array.from({ length: count }, (_, row) => [16, 9, 5, 2, 1, 13][row % 6]!);

/** Waves of all lengths, the shortest of one step; behind them zeros. */
function ended(count: number, seed: number) {
  const series = waves(count, { ...shape, masked: false }, seed);
  const own = lengths(count);
  const values = series.values.map((value, at) => (at % 16 < own[Math.floor(at / 32)]! ? value : 0));
  return { ...series, values, lengths: own };
}
const data = { labelled: ended(12, 80), unlabelled: ended(24, 81) };
const allViews = { augmented: views['rand-augment'], weak: views.weak, strong: views.strong };

/** Anything, where a batch is behind the end of its series. */
function withTails(masks: ReadonlyMap<string, readonly number[]>) {
  return (name: string, fed: Tensor): Tensor => {
    const mask = masks.get(name.split('/')[0]!);
    if (fed.shape.length !== 3 || !mask) return fed;
    const noise = random(1, name).normals(dataOf(fed).length);
    return float32(
      fed.shape,
      (dataOf(fed) as Float32Array).map((value, at) =>
        mask[Math.floor(at / 32) * 16 + (at % 16)] === 1 ? value : 100 * noise[at]!,
      ),
    );
  };
}

async function bothOf(changes: Partial<Small> & Pick<Small, 'algorithm'>) {
  const own = small({ shape, data, views: allViews, labelledBatch: 6, unlabelledBatch: 7, ...changes });
  const clean = await observed(own, { step: 3 });
  const masks = new Map(
    ['labelled', 'unlabelled'].flatMap((part) =>
      clean.fed[`${part}/mask`] ? [[part, clean.fed[`${part}/mask`]!] as const] : [],
    ),
  );
  return { clean, dirty: await observed(own, { step: 3, changed: withTails(masks) }) };
}

const without = Object.entries(algorithms).filter(([name]) => name !== 'ladder');

describe('what stands behind the end of series', () => {
  test.each(without)('moves no term and no logit: %s', async (_, algorithm) => {
    const { clean, dirty } = await bothOf({ algorithm: algorithm as never });
    expect(dirty.fed).not.toEqual(clean.fed);
    for (const [name, term] of Object.entries(clean.terms)) {
      expect(Number.isFinite(term)).toBe(true);
      expect(dirty.terms[name]).toBeCloseTo(term, 5);
    }
    clean.passes.forEach(({ logits }, i) => {
      expect(dirty.passes[i]!.logits).toEqual(logits);
    });
  });

  test.each(Object.keys(backbones) as BackboneName[])('moves no logit in training: %s', async (backbone) => {
    const model = stirred(backbones[backbone].build(shape, 3));
    const { clean, dirty } = await bothOf({ algorithm: algorithms['pi-model'] as never, model });
    expect(clean.passes).toHaveLength(2);
    clean.passes.forEach(({ logits }, i) => {
      expect(dirty.passes[i]!.logits).toEqual(logits);
      expect(logits.flat().every(Number.isFinite)).toBe(true);
    });
  });
});
