/** What a reconstruction takes where nothing is said: more passes over few samples, a lower rate for wide products. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Samples } from '../../src/data/index.js';
import type { Layer } from '../../src/ops/layers.js';
import { fitData } from '../../src/pipeline/reconstruct/data.js';
import { reconstructionDefaults } from '../../src/pipeline/reconstruct/request.js';
import { fitOptions } from '../../src/pipeline/reconstruct/solver.js';
import { int64 } from '../../src/tensor/tensor.js';
import type { Exported } from './exported.js';
import { bothRequest, prune, reconstruction, tiny } from './reconstruct-requests.js';

const { descent } = reconstructionDefaults;

const samplesOf = (count: number, tokens = false): Samples => ({
  count,
  batch: () => new Map(),
  ...(tokens && { tokens: int64([count, 1], Array(count).fill(0)) }),
  provenance: { description: '', files: [] },
});

describe('passes over the calibration data', () => {
  test.each([
    ['few pictures are shown more often', samplesOf(100), descent, 30],
    ['many pictures are not', samplesOf(10_000), descent, 5],
    ['windows of text are not, however few', samplesOf(16, true), descent, 5],
    ['a number that was asked for stands', samplesOf(100), { ...descent, epochs: 7, leastSamples: 0 }, 7],
  ])('%s', (_, samples, asked, epochs) => {
    expect(fitData(samples, { heldOut: 0, descent: asked }, 0).epochs).toBe(epochs);
  });
});

describe('the learning rate', () => {
  const product = (columns: number) => ({ layout: { columns } }) as Layer;
  const convolution = { layout: { columns: 4608, kernel: [3, 3] } } as unknown as Layer;
  test.each([
    ['holds for narrow products', [product(64)], 1],
    ['falls with the columns of wide ones', [product(768), product(3072)], 192 / 768],
    ['is for the narrowest product of a region', [product(96), product(384)], 1],
    ['does not look at convolutions', [convolution], 1],
    ['looks at what stands beside them', [convolution, product(768)], 192 / 768],
  ])('%s', (_, layers, share) => {
    expect(fitOptions(descent, { epochs: 1, accumulate: 1 }, layers).rate).toBeCloseTo(descent.rate * share, 12);
  });

  test('that was asked for is taken as it is', () => {
    const { ratedColumns: _, ...asked } = descent;
    expect(fitOptions(asked, { epochs: 1, accumulate: 1 }, [product(4096)]).rate).toBe(descent.rate);
  });
});

describe('a descent that gains nothing', () => {
  let plain: Exported;
  beforeAll(async () => {
    plain = await tiny();
  });

  test('is named in the report, and changes no weight', async () => {
    const request = bothRequest(plain, 'too-fast', { reconstruction: reconstruction({}, { rate: 900 }) });
    const { warnings, reconstruction: found } = await prune(request);
    expect(warnings.join()).toBe(
      'descent made 4 of 4 regions no better (attention.0, mlp.0, attention.1, and 1 more): try a lower --rate, or more data',
    );
    for (const { loss } of found!.regions) expect(loss.after).toBe(loss.before);
  });
});
