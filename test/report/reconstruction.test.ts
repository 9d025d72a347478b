/** The part of a page that tells what a reconstruction did. */
import { describe, expect, test } from 'vitest';
import { renderHtml } from '../../src/report/index.js';
import { verdict } from '../../src/report/prune-verdict.js';
import type { RegionReport } from '../../src/report/reconstruction-report.js';
import { sampleReport } from './sample.js';

const region = (name: string): RegionReport => ({
  name,
  kind: 'attention',
  layers: ['a'],
  trained: 1234,
  loss: { before: 4, after: 1 },
  error: { before: 0.2, after: 0.05 },
  steps: 4,
  losses: [4, 3, 2, 1],
  judged: [4, 1],
});

const sample = sampleReport(2);
const report = {
  ...sample,
  settings: { ...sample.settings, reconstruction: { regions: 'half', batchSize: 8 } },
  reconstruction: {
    regions: [region('attention.0'), region('<b>mlp.0</b>')],
    drift: [
      { region: 'attention.0', drift: 0.01 },
      { region: 'mlp.0', drift: 0.03 },
    ],
  },
  timing: { ...sample.timing, regions: [{ name: 'attention.0', seconds: 12.5, peakMemoryBytes: 3e8 }] },
};

describe('a page with a reconstruction', () => {
  const page = renderHtml(report);

  test.each([
    ['the options', 'batch size'],
    ['a curve for each region', 'Small line charts of 2 regions'],
    ['the drift', 'Drift by depth'],
    ['errors before and after', '20.00\u202f%'],
    ['time', '12.5\u202fs'],
    ['memory', '300\u202fMB'],
  ])('shows %s', (_what, text) => {
    expect(page).toContain(text);
  });

  test('shows names of regions as they are', () => {
    expect(page).toContain('&lt;b&gt;mlp.0');
    expect(page).not.toContain('<b>mlp');
  });

  test('says so in its first sentence', () => {
    expect(verdict(report)).toContain(' and reconstruction by half');
    expect(verdict({ ...report, kind: 'reconstruct' })).not.toContain(' and reconstruction by half');
  });
});

test('a page without one has no such part', () => {
  expect(renderHtml(sample)).not.toContain('Drift by depth');
});
