import { describe, expect, test } from 'vitest';
import { figureOf, measureQuality, metricFacts, type Quality, relativeDrop } from '../../src/pipeline/quality.js';
import { metricNames } from '../../src/pipeline/requests.js';
import { passing, rows } from '../evaluate/classifiers.js';

const better = rows(
  [
    [0, 3],
    [2, 0],
    [0, 1],
    [2, 1],
  ],
  [1, 0, 1, 0],
);
const worse = rows(
  [
    [0, 1],
    [1, 0],
    [1, 0],
    [2, 1],
  ],
  [1, 0, 1, 1],
);
const names = metricNames.filter((name) => name !== 'auto' && name !== 'perplexity');

describe('headline figures', () => {
  test.each(names)('%s: a worse model has a positive drop, a better one a negative', async (metric) => {
    const [good, bad] = (await Promise.all(
      [better, worse].map((samples) => measureQuality(passing(2), samples, metric, {})),
    )) as [Quality, Quality];
    expect(relativeDrop(good, bad)).toBeGreaterThan(0);
    expect(relativeDrop(bad, good)).toBeLessThan(0);
    expect(relativeDrop(good, good)).toBe(0);
    expect(figureOf(bad) > figureOf(good)).toBe(metricFacts[metric].better === 'lower');
  });

  test('a figure that the data cannot give is refused', async () => {
    await expect(measureQuality(passing(2), rows([[0, 1]], [1]), 'auc', {})).rejects.toThrow(
      'data: expected samples of two classes or more for --metric auc, got others; choose top1',
    );
  });
});
