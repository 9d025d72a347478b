/** Every training of a run at a glance: validation by step, a small chart a number of labels, a line a seed. */
import { axisX, dot, line, text } from '@observablehq/plot';
import { across, airy } from './axes.js';
import { type Chart, figureOf } from './chart.js';
import { compact, count, plural } from './format.js';
import type { Html } from './html.js';
import type { TrainCell, TrainReport } from './train-report.js';

const perRow = 5;

interface Trace {
  readonly labels: number;
  readonly seed: number;
  readonly points: readonly { readonly step: number; readonly value: number }[];
  readonly bestStep: number | undefined;
}

/** Nothing of a single training, or where nothing was validated. */
export function overviewChart(report: TrainReport): Html | false {
  const cells = report.cells.filter(({ curves }) => curves.length > 0);
  const traces = (['validationAuc', 'validationAccuracy'] as const)
    .map((figure) => ({
      figure,
      traces: cells.map((cell) => traceOf(cell, figure)).filter(({ points }) => points.length > 1),
    }))
    .find((each) => each.traces.length > 1);
  return (
    traces !== undefined &&
    figureOf(chartOf(traces.figure === 'validationAuc' ? 'Weighted AUC' : 'Accuracy', traces.traces))
  );
}

const traceOf = (
  { labels, seed, curves, bestStep }: TrainCell,
  figure: 'validationAuc' | 'validationAccuracy',
): Trace => ({
  ...{ labels, seed, bestStep },
  points: curves.flatMap((point) => {
    const value = point[figure];
    return typeof value === 'number' && Number.isFinite(value) ? [{ step: point.step, value }] : [];
  }),
});

function chartOf(title: string, traces: readonly Trace[]): Chart {
  const budgets = [...new Set(traces.map(({ labels }) => labels))].sort((a, b) => a - b);
  const columns = Math.min(perRow, budgets.length);
  const rows = Math.ceil(budgets.length / columns);
  const placed = traces.map((trace) => {
    const at = budgets.indexOf(trace.labels);
    return { ...trace, fx: at % columns, fy: Math.floor(at / columns) };
  });
  const lines = placed.flatMap(({ points, fx, fy, seed }) => points.map((point) => ({ ...point, fx, fy, seed })));
  const bests = placed.flatMap(({ points, fx, fy, bestStep }) => {
    const best = points.find(({ step }) => step === bestStep);
    return best ? [{ ...best, fx, fy }] : [];
  });
  const names = budgets.map((labels, i) => ({
    ...{ fx: i % columns, fy: Math.floor(i / columns) },
    name: plural(labels, 'label'),
  }));
  const reached = budgets.map((labels) => {
    const own = traces
      .filter((trace) => trace.labels === labels)
      .map(({ points }) => Math.max(...points.map(({ value }) => value)));
    return `${count(labels)} labels up to ${Math.max(...own).toFixed(3)}`;
  });
  const lastStep = Math.max(...lines.map(({ step }) => step));
  // the first climb would press together what comes after it
  const climbed = lines.filter(({ step }) => step >= lastStep / 10).map(({ value }) => value);
  return {
    caption: `${title} on the validation series: a line a seed, dots where the kept weights are from`,
    description: `Small line charts of ${plural(traces.length, 'training')}: ${reached.join(', ')}.`,
    options: {
      ...{ width: 920, height: 40 + 140 * rows, marginTop: 26, marginLeft: 44, marginBottom: 30, marginRight: 14 },
      x: { domain: [0, lastStep] },
      y: { domain: airy(climbed, 0.05, [0, 1]) },
      fx: { padding: columns > 1 ? 0.12 : 0, axis: null },
      fy: { padding: rows > 1 ? 0.4 : 0, axis: null },
      marks: [
        ...across({ ticks: 4, format: (value) => value.toFixed(2) }),
        axisX({
          ...{ ticks: 2, tickSize: 4, label: null, tickFormat: (value: number) => compact(value) },
          ...{ stroke: 'var(--soft)', fill: 'var(--soft)' },
        }),
        line(lines, {
          ...{ x: 'step', y: 'value', fx: 'fx', fy: 'fy', z: 'seed' },
          ...{ stroke: 'var(--after)', strokeWidth: 1.4, strokeOpacity: 0.75, clip: true },
        }),
        dot(bests, { x: 'step', y: 'value', fx: 'fx', fy: 'fy', r: 3, fill: 'var(--error)' }),
        text(names, {
          fx: 'fx',
          fy: 'fy',
          text: 'name',
          frameAnchor: 'top-left',
          dy: -16,
          fill: 'currentColor',
          fontWeight: 600,
        }),
      ],
    },
  };
}
