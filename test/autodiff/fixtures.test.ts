/** Gradients of whole networks against PyTorch's in float64. */
import { afterAll, describe, expect, test } from 'vitest';
import { compareNetwork, networkNames } from './fixtures.js';
import { writeReport } from './report.js';

const report: object[] = [];

describe.skipIf(networkNames.length === 0)('gradients of networks', () => {
  test.each(networkNames)('%s', async (network) => {
    const compared = await compareNetwork(network);
    const { loss, expectedLoss, excess } = compared;
    report.push({ network, gradients: excess.size, ...compared });
    expect(Math.abs(loss - expectedLoss)).toBeLessThan(1e-5);
    expect([...excess].filter(([, ratio]) => !(ratio <= 1))).toEqual([]);
  });

  afterAll(() => writeReport('networks', report));
});
