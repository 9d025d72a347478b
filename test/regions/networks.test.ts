import { describe, expect, test } from 'vitest';
import { verify } from '../../src/ir/verify.js';
import { findLayers } from '../../src/ops/layers.js';
import { findRegions, granularities } from '../../src/regions/index.js';
import { convNetworks } from './conv-networks.js';
import { fusedNetworks } from './fused-networks.js';
import { networks } from './networks.js';
import { rerun } from './rerun.js';

const all = { ...networks, ...fusedNetworks, ...convNetworks };

describe.each(Object.entries(all))('%s', (_name, { graph, half, block, left }) => {
  const built = graph();
  const { layers } = findLayers(built);
  const structure = findRegions(built, layers);
  const outline = (granularity: keyof typeof granularities): string =>
    granularities[granularity](structure)
      .map(({ kind, layers: own }) => `${kind}:${own.length}`)
      .join(' ');

  test('has the regions it was built of', () => {
    verify(built);
    if (half) expect(outline('half')).toBe(half);
    if (block) expect(outline('block')).toBe(block);
    if (left) expect([...structure.leftByDefault.values()]).toEqual(left);
  });

  test.each(Object.entries(granularities))('every layer lies in one region: %s', (_granularity, granularity) => {
    const held = granularity(structure).flatMap((region) => region.layers);
    expect(held).toHaveLength(new Set(held).size);
    const reached = layers.filter(
      (layer) => structure.leftByDefault.get(layer) !== 'its input does not depend on the data',
    );
    expect(new Set(held)).toEqual(new Set(reached));
  });

  test.each(Object.entries(granularities))(
    'regions give what the whole gives: %s',
    async (_granularity, granularity) => {
      expect(await rerun(structure, granularity, layers)).toBeLessThan(1e-5);
    },
  );
});
