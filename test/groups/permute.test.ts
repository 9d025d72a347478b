/** Graphs whose units stand in another order compute the same. */
import { describe, expect, test } from 'vitest';
import { workingCopy } from '../../src/autodiff/prepare.js';
import { apart } from '../../src/groups/apart.js';
import { flowsOf } from '../../src/groups/flows.js';
import { movableGroups, permuted } from '../../src/groups/permute.js';
import { verify } from '../../src/ir/verify.js';
import { load } from '../../src/onnx/load.js';
import { random } from '../../src/tensor/random.js';
import { fed } from './fed.js';
import { networks } from './networks.js';

describe('units in another order', () => {
  test.each(networks)('%s', async (_, path) => {
    const { graph } = load(path);
    const flows = await flowsOf(workingCopy(graph));
    const groups = movableGroups(flows, graph);
    expect(groups.length).toBeGreaterThan(0);
    const inputs = fed(flows);
    for (const seed of [0, 1]) {
      const orders = new Map(
        groups.map(({ units }, i) => [units, Array.from(random(seed, `group ${i}`).permutation(units.size))] as const),
      );
      const moved = permuted(flows, orders, graph);
      verify(moved);
      expect(await apart(moved, graph, inputs, { threads: 1 })).toBeLessThan(1e-5);
    }
  });
});
