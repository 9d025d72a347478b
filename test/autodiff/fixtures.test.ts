/** Gradients of whole networks against PyTorch's in float64. */
import { describe, expect, test } from 'vitest';
import { compareNetwork, networkNames } from './fixtures.js';

/** Networks with an op that has no rule yet: what the refusal names. A network that begins to work has to leave this table. */
const unsupported: Readonly<Record<string, RegExp>> = {};

describe.skipIf(networkNames.length === 0)('gradients of networks', () => {
  test.each(networkNames.filter((name) => !(name in unsupported)))('%s', async (network) => {
    const { loss, expectedLoss, excess } = await compareNetwork(network);
    expect(Math.abs(loss - expectedLoss)).toBeLessThan(1e-5);
    expect([...excess].filter(([, ratio]) => !(ratio <= 1))).toEqual([]);
  });

  test.each(Object.entries(unsupported))('%s is refused by name', async (network, message) => {
    await expect(compareNetwork(network)).rejects.toThrow(message);
  });
});
