import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { cylinderBellFunnel, length, names, tsvOf } from '../../scripts/series/cylinder-bell-funnel.mjs';
import { readers } from '../../src/data/index.js';

const bundled = (part: string): string => fileURLToPath(new URL(`../../calibration/cbf-${part}.tsv`, import.meta.url));

/** What the mean over all events of a class is: every start and every duration is as likely. */
function expectedMean(shape: (t: number, a: number, b: number) => number): Float64Array {
  const mean = new Float64Array(length);
  for (let a = 16; a <= 32; a++)
    for (let b = a + 32; b <= a + 96; b++)
      for (let t = a; t <= b; t++) mean[t - 1]! += (6 * shape(t, a, b)) / (17 * 65);
  return mean;
}

describe('Cylinder-Bell-Funnel', () => {
  const count = 3000;
  const { values, labels } = cylinderBellFunnel(count, 1, 'test');
  const rowsOf = (label: number): Float32Array[] =>
    [...labels.keys()].filter((i) => labels[i] === label).map((i) => values.subarray(i * length, (i + 1) * length));

  test.each([
    ['cylinder', () => 1],
    ['bell', (t: number, a: number, b: number) => (t - a) / (b - a)],
    ['funnel', (t: number, a: number, b: number) => (b - t) / (b - a)],
  ] as const)('the mean of many is that of the formula: %s', (name, shape) => {
    const rows = rowsOf(names.indexOf(name));
    expect(rows).toHaveLength(count / 3);
    const expected = expectedMean(shape);
    // five standard errors of a thousand series whose values deviate by at most 3.3
    const errors = expected.map((mean, at) => rows.reduce((sum, row) => sum + row[at]!, 0) / rows.length - mean);
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(0.52);
  });

  test('before an event there is noise of deviation 1, and heights deviate by 1 too', () => {
    const quiet = names.flatMap((_, label) => rowsOf(label).flatMap((row) => [...row.subarray(0, 15)]));
    expect(deviation(quiet)).toBeCloseTo(1, 1);
    // steps 32 to 48 lie in every event: their mean is the height, and of the noise a seventeenth of its variance
    const heights = rowsOf(0).map((row) => row.subarray(31, 48).reduce((sum, each) => sum + each / 17, 0));
    expect(deviation(heights)).toBeCloseTo(Math.sqrt(1 + 1 / 17), 1);
  });

  test.each([
    ['train', 600],
    ['test', 240],
  ])('the bundled series are what the script makes, and read as UCR series: %s', async (part, size) => {
    expect(readFileSync(bundled(part), 'utf8') === tsvOf(cylinderBellFunnel(size, 0, part))).toBe(true);
    const { count: read, columns, labels: told } = await readers.tsv.read([bundled(part)], {});
    expect(read).toBe(size);
    expect(columns.get('series')).toMatchObject({ shape: [1, length] });
    for (const label of [1, 2, 3]) expect(told?.filter((each) => each === label)).toHaveLength(size / 3);
  });
});

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
  return Math.sqrt(values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / values.length);
}
