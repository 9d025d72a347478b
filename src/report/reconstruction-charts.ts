/** The charts of a reconstruction: how each region's loss fell, and how far the model drifts by depth. */
import { axisX, axisY, barY, gridY, line, ruleY, text } from '@observablehq/plot';
import type { Chart } from './chart.js';
import { figure, percent, plural } from './format.js';
import type { DepthDrift, RegionReport } from './reconstruction-report.js';
import { visible } from './visible.js';

const width = 920;
const perRow = 6;

/** One small curve a region, each relative to its own first loss. */
export function lossChart(regions: readonly RegionReport[]): Chart | undefined {
  const curves = regions.filter(({ losses }) => losses.length > 1);
  if (curves.length === 0) return undefined;
  const points = curves.flatMap(({ losses }, i) => {
    const first = losses[0] || 1;
    return losses.map((loss, step) => ({
      column: i % perRow,
      row: Math.floor(i / perRow),
      x: step / (losses.length - 1),
      y: loss / first,
    }));
  });
  const names = curves.map(({ name }, i) => ({
    column: i % perRow,
    row: Math.floor(i / perRow),
    name: visible(name),
  }));
  const rows = Math.ceil(curves.length / perRow);
  const top = Math.max(1, ...points.map(({ y }) => (Number.isFinite(y) ? Math.min(y, 2) : 1)));
  const shown = points.filter(({ y }) => Number.isFinite(y)).map((point) => ({ ...point, y: Math.min(point.y, top) }));
  return {
    caption: 'Loss of each region over its steps, relative to its first step',
    description: `Small line charts of ${plural(curves.length, 'region')}: ${curves
      .slice(0, 24)
      .map(({ name, losses }) => `${visible(name)} from ${figure(losses[0]!)} to ${figure(losses.at(-1)!)}`)
      .join(', ')}.`,
    options: {
      width,
      height: 30 + 96 * rows,
      marginTop: 24,
      marginLeft: 44,
      marginBottom: 10,
      x: { domain: [0, 1], axis: null },
      y: { domain: [0, top * 1.05] },
      fx: { padding: 0.12, axis: null },
      fy: { padding: 0.3, axis: null },
      marks: [
        gridY({ stroke: 'var(--line)', strokeOpacity: 1, ticks: 2 }),
        axisY({ ticks: 2, tickSize: 0, label: null, tickFormat: (v: number) => percent(v, 0), fill: 'var(--soft)' }),
        ruleY([0], { stroke: 'var(--soft)' }),
        line(shown, { x: 'x', y: 'y', fx: 'column', fy: 'row', stroke: 'var(--after)', strokeWidth: 1.5 }),
        text(names, {
          fx: 'column',
          fy: 'row',
          text: 'name',
          frameAnchor: 'top-left',
          dy: -14,
          fill: 'currentColor',
        }),
      ],
    },
  };
}

/** What leaves each region, against the dense model. */
export function driftChart(drift: readonly DepthDrift[]): Chart | undefined {
  const rows = drift
    .filter((each) => Number.isFinite(each.drift))
    .map((each, index) => ({ ...each, index, title: `${visible(each.region)}: ${percent(each.drift, 2)}` }));
  const most = Math.max(0, ...rows.map((row) => row.drift));
  if (rows.length < 2 || most === 0) return undefined;
  const every = Math.ceil(rows.length / 10);
  return {
    caption: 'Drift by depth: squared distance of hidden states from the dense model’s, relative to their size',
    description: `Bar chart over ${plural(rows.length, 'region')} in order: ${rows[0]!.title} first, ${rows.at(-1)!.title} last.`,
    options: {
      width,
      height: 210,
      marginLeft: 56,
      marginBottom: 34,
      x: { domain: rows.map(({ index }) => index), type: 'band', padding: 0.2 },
      y: { domain: [0, most * 1.05] },
      marks: [
        gridY({ stroke: 'var(--line)', strokeOpacity: 1, ticks: 5 }),
        axisY({ ticks: 5, tickSize: 0, label: null, tickFormat: (v: number) => percent(v), fill: 'var(--soft)' }),
        barY(rows, { x: 'index', y: 'drift', fill: 'var(--error)', title: 'title' }),
        axisX(
          rows.map(({ index }) => index).filter((index) => index % every === 0),
          {
            tickFormat: (index: number) => visible(rows[index]!.region),
            tickSize: 4,
            label: null,
            stroke: 'var(--soft)',
            fill: 'var(--soft)',
          },
        ),
        ruleY([0], { stroke: 'var(--soft)' }),
      ],
    },
  };
}
