/** The chart of a comparison of forms: how large each is. */
import { barX, dot, gridX, ruleX } from '@observablehq/plot';
import { below } from './axes.js';
import { namesBeside, rowsOptions } from './bench-charts.js';
import type { Chart } from './chart.js';
import { bytes, percent, plural } from './format.js';
import type { FormRow } from './forms-figures.js';

/** Bars of the bytes on disk, dots of those through gzip, both over the bytes on disk of the first row. */
export function sizesChart(rows: readonly FormRow[]): Chart {
  const whole = rows[0]!.bytes;
  const shares = rows.map(({ name, bytes: own, gzipBytes }) => ({
    ...{ name, disk: own / whole, gzip: gzipBytes / whole },
    title: `${name}: ${bytes(own)}, ${bytes(gzipBytes)} through gzip`,
  }));
  return {
    caption: 'Bytes over those of the model as it came: bars on disk, dots through gzip -6',
    description: `Bar chart of the sizes of ${plural(rows.length, 'file')}: ${shares.map(({ title }) => title).join('; ')}.`,
    options: {
      ...rowsOptions(rows.map(({ name }) => name)),
      x: { domain: [0, Math.max(1, ...shares.flatMap(({ disk, gzip }) => [disk, gzip])) * 1.02] },
      marks: [
        gridX({ ticks: 6, stroke: 'var(--line)', strokeOpacity: 1 }),
        below({ ticks: 6, format: (share: number) => percent(share, 0) }),
        namesBeside(),
        barX(shares, { x: 'disk', y: 'name', fill: 'var(--after)', fillOpacity: 0.55, title: 'title' }),
        dot(shares, { x: 'gzip', y: 'name', r: 4.5, fill: 'var(--after)', title: 'title' }),
        ruleX([1], { stroke: 'var(--soft)', strokeDasharray: '4 3' }),
      ],
    },
  };
}
