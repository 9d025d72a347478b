/** One threshold over many layers, found without holding their scores at once. */
import { countOf, type SelectionRule } from './patterns.js';
import { binOf, bitsOf, keyOf } from './rank.js';
import { checkFinite } from './select.js';

export interface ScoredLayer {
  readonly name: string;
  /** The scores of the layer's units (`Pattern.units`); asked for twice, and must be the same both times. */
  scores(): Float32Array | Promise<Float32Array>;
}

/**
 * How many units each layer loses when the smallest of all layers together go: ties by layer, then by index, so that the
 * layers' counts sum to exactly floor(sparsity * units + 1e-9). The `reference` rule removes whatever is not above the
 * threshold. Memory: one layer's scores and 256 KB for each layer.
 * @throws UserError when a score is not finite.
 */
export async function globalCounts(
  layers: readonly ScoredLayer[],
  sparsity: number,
  rule: SelectionRule = 'exact',
): Promise<number[]> {
  const { high, units } = await coarseHistogram(layers);
  const through = rule === 'reference' && sparsity > 0;
  const count = through ? Math.trunc(units * sparsity) + 1 : countOf(sparsity, units);
  if (count === 0) return layers.map(() => 0);
  const { bin: top, below } = binOf(high, count - 1);
  const fine = await fineHistograms(layers, top);
  const total = new Float64Array(65536);
  for (const { low } of fine) for (let bin = 0; bin < low.length; bin++) total[bin] += low[bin];
  const { bin, below: belowLow } = binOf(total, count - 1 - below);
  let ties = through ? Number.POSITIVE_INFINITY : count - below - belowLow;
  return fine.map((layer) => {
    const equal = Math.min(ties, layer.low[bin]);
    ties -= equal;
    return layer.below + sum(layer.low, bin) + equal;
  });
}

async function coarseHistogram(layers: readonly ScoredLayer[]): Promise<{ high: Float64Array; units: number }> {
  // float64 counts: more than 2^32 weights are possible
  const high = new Float64Array(65536);
  let units = 0;
  for (const layer of layers) {
    const scores = await layer.scores();
    checkFinite(scores, scores.length, `prune '${layer.name}'`, 'score');
    const bits = bitsOf(scores);
    for (let i = 0; i < bits.length; i++) high[keyOf(bits[i]) >>> 16]++;
    units += scores.length;
  }
  return { high, units };
}

/** For each layer, how many keys lie below the bin `top`, and how the keys inside it spread. */
async function fineHistograms(
  layers: readonly ScoredLayer[],
  top: number,
): Promise<{ below: number; low: Uint32Array }[]> {
  const result: { below: number; low: Uint32Array }[] = [];
  for (const layer of layers) {
    const bits = bitsOf(await layer.scores());
    const low = new Uint32Array(65536);
    let below = 0;
    for (let i = 0; i < bits.length; i++) {
      const key = keyOf(bits[i]);
      const high = key >>> 16;
      if (high < top) below++;
      else if (high === top) low[key & 0xffff]++;
    }
    result.push({ below, low });
  }
  return result;
}

function sum(counts: Uint32Array, end: number): number {
  let total = 0;
  for (let i = 0; i < end; i++) total += counts[i];
  return total;
}
