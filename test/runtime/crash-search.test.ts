/** Which node is blamed for a crash, by what becomes of beginnings of its graph. */
import { describe, expect, test } from 'vitest';
import type { Node } from '../../src/ir/types.js';
import { culpritOf } from '../../src/runtime/crash-search.js';

const nodes = Array.from(
  { length: 100 },
  (_, i): Node => ({ op: 'Relu', name: `n${i}`, domain: '', inputs: [], outputs: [], attrs: {} }),
);

describe('the node that the runtime breaks down on', () => {
  test.each([1, 2, 37, 64, 99, 100])('is the last of the first %i, when they crash and fewer do not', async (count) => {
    let trials = 0;
    const culprit = await culpritOf(nodes, async ({ nodes: kept }) => {
      trials++;
      return kept >= count ? 'crashed' : 'survived';
    });
    expect(culprit).toBe(`Relu 'n${count - 1}'`);
    expect(trials).toBeLessThan(10);
  });

  test('is told with the optimizer, when that is to blame', async () => {
    const culprit = await culpritOf(nodes, async ({ nodes: kept, isPlain }) =>
      kept >= 7 && !isPlain ? 'crashed' : 'survived',
    );
    expect(culprit).toBe("Relu 'n6', which runs where the runtime optimizes nothing");
  });

  test('is not named where the beginning before it is refused, or where the crash does not come again', async () => {
    expect(await culpritOf(nodes, async ({ nodes: kept }) => (kept >= 7 ? 'crashed' : 'refused'))).toBeUndefined();
    expect(await culpritOf(nodes, async () => 'survived')).toBeUndefined();
    expect(await culpritOf([], async () => 'crashed')).toBeUndefined();
  });
});
