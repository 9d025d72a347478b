/** Methods side by side at one number of labels: a row each, a dot a seed. */
import { axisY, dot, gridX, ruleY, tickX } from '@observablehq/plot';
import { airy, below } from './axes.js';
import { type Chart, figureOf } from './chart.js';
import { plural } from './format.js';
import type { Html } from './html.js';
import { figureKinds, figureText, spreadOf } from './train-figures.js';
import type { TrainReport } from './train-report.js';
import { headFigure } from './train-verdict.js';
import { visible } from './visible.js';

interface Row {
  readonly name: string;
  readonly mean: number;
  readonly values: readonly number[];
  readonly colour: string;
}

/** Nothing where there is but one figure to show. */
export function methodChart(report: TrainReport): Html | false {
  const figure = headFigure(report);
  if (!figure) return false;
  const { algorithm, cells, baselines = [] } = report;
  const read = figureKinds[figure].of;
  const own = cells.flatMap(({ status, test, validation }) => {
    const value = test ? read(test) : figure === 'weightedAuc' ? validation?.auc : validation?.accuracy;
    return status === 'done' && value !== undefined ? [value] : [];
  });
  const names = [...new Set(baselines.map(({ name }) => name))];
  const rows: Row[] = [
    rowOf(algorithm.name, own, 'var(--after)'),
    ...names.map((name) =>
      rowOf(
        name,
        baselines.filter((each) => each.name === name).flatMap(({ test }) => read(test) ?? []),
        'var(--soft)',
      ),
    ),
  ].filter(({ values }) => values.length > 0);
  return rows.flatMap(({ values }) => values).length > 1 && figureOf(chartOf(rows, figure));
}

const rowOf = (name: string, values: readonly number[], colour: string): Row => ({
  ...{ name: visible(name), values, colour },
  mean: values.length > 0 ? spreadOf(values).mean : 0,
});

function chartOf(rows: readonly Row[], figure: 'weightedAuc' | 'accuracy'): Chart {
  const ordered = [...rows].sort((a, b) => b.mean - a.mean);
  const dots = ordered.flatMap(({ name, values, colour }) => values.map((value) => ({ name, value, colour })));
  const { title } = figureKinds[figure];
  const longest = Math.max(...rows.map(({ name }) => name.length));
  return {
    caption: `${title[0]!.toUpperCase()}${title.slice(1)}: a dot a seed, a bar at their mean`,
    description: `Dot chart of ${plural(rows.length, 'method')}: ${ordered.map(({ name, mean }) => `${name} ${figureText(figure, mean)}`).join(', ')}.`,
    options: {
      ...{ width: 920, height: 40 + 34 * rows.length, marginTop: 6, marginRight: 24 },
      marginLeft: Math.min(260, 24 + 7 * longest),
      x: {
        domain: airy(
          dots.map(({ value }) => value),
          0.02,
          [0, 1],
        ),
      },
      y: { domain: ordered.map(({ name }) => name), type: 'band', padding: 0.3 },
      marks: [
        gridX({ ticks: 6, stroke: 'var(--line)', strokeOpacity: 1 }),
        ruleY(ordered, { y: 'name', stroke: 'var(--line)' }),
        below({ ticks: 6, format: (value) => figureText(figure, value) }),
        axisY({ tickSize: 0, label: null, fill: 'currentColor', fontSize: 13 }),
        dot(dots, { x: 'value', y: 'name', r: 4, fill: 'colour', fillOpacity: 0.6 }),
        tickX(ordered, { x: 'mean', y: 'name', stroke: 'colour', strokeWidth: 3 }),
      ],
    },
  };
}
