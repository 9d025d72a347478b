/** How the figure that matters grows with the number of labels, beside the baselines. */
import { areaY, dot, line, ruleX, ruleY, text } from '@observablehq/plot';
import { across, airy, below } from './axes.js';
import { type Chart, figureOf } from './chart.js';
import { count } from './format.js';
import { type Html, html } from './html.js';
import { strokeOf } from './hues.js';
import { legend } from './legend.js';
import { figureKinds, figureText, spreadText } from './train-figures.js';
import type { TrainBudget, TrainReport } from './train-report.js';
import { baselinesOf, headFigure } from './train-verdict.js';
import { visible } from './visible.js';

interface Curve {
  readonly name: string;
  readonly points: readonly Point[];
  readonly stroke: ReturnType<typeof strokeOf>;
}

interface Point {
  readonly labels: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** A baseline that was given more labels than any training: it is drawn level, as what could be reached. */
interface Level {
  readonly name: string;
  readonly mean: number;
}

/** Nothing where there is one number of labels. */
export function budgetChart(report: TrainReport): Html | false {
  const figure = headFigure(report);
  if (!figure || report.budgets.length < 2) return false;
  const most = report.budgets.at(-1)!.labels;
  const baselines = baselinesOf(report);
  const pointsOf = (budgets: readonly TrainBudget[]): Point[] =>
    budgets.flatMap(({ labels, figures }) => {
      const spread = figures[figure];
      if (!spread) return [];
      const { mean, deviation = 0 } = spread;
      return [{ labels, mean, low: Math.max(0, mean - deviation), high: Math.min(1, mean + deviation) }];
    });
  const isLevel = ({ budgets }: (typeof baselines)[number]): boolean => budgets.every(({ labels }) => labels > most);
  const curves = [
    { name: report.algorithm.name, points: pointsOf(report.budgets) },
    ...baselines.filter((each) => !isLevel(each)).map(({ name, budgets }) => ({ name, points: pointsOf(budgets) })),
  ].map((curve, i): Curve => ({ ...curve, name: visible(curve.name), stroke: strokeOf(i) }));
  const levels = baselines
    .filter(isLevel)
    .flatMap(({ name, budgets }): Level[] =>
      pointsOf(budgets).map(({ mean, labels }) => ({ name: `${visible(name)}, ${count(labels)} labels`, mean })),
    );
  const rows = curves.map(({ name, stroke }) => ({ name, colour: stroke.stroke, dashes: stroke.strokeDasharray }));
  return html`${figureOf(chartOf(curves, levels, figure, report))}${curves.length > 1 && legend(rows)}`;
}

function chartOf(
  curves: readonly Curve[],
  levels: readonly Level[],
  figure: 'weightedAuc' | 'accuracy',
  report: TrainReport,
): Chart {
  const { title } = figureKinds[figure];
  const points = curves.flatMap((curve) => curve.points);
  const ticks = [...new Set(points.map(({ labels }) => labels))].sort((a, b) => a - b);
  const heights = [...points.flatMap(({ low, high }) => [low, high]), ...levels.map(({ mean }) => mean)];
  const [own] = curves as [Curve];
  const told = report.budgets.map(
    ({ labels, figures }) => `${spreadText(figure, figures[figure])} with ${count(labels)}`,
  );
  const rivals = curves
    .slice(1)
    .map(({ name, points: [first] }) => `${name} from ${first ? figureText(figure, first.mean) : '—'}`);
  const label = `${title[0]!.toUpperCase()}${title.slice(1)} by number of labels: mean and standard deviation over seeds`;
  return {
    caption: label,
    description: `Line chart of ${own.name}: ${told.join(', ')}${rivals.length > 0 ? `; ${rivals.join(', ')}` : ''}.`,
    options: {
      ...{ width: 920, height: 350, marginTop: 10, marginLeft: 52, marginRight: 24, marginBottom: 40 },
      x: { type: 'log', domain: [ticks[0]! / 1.12, ticks.at(-1)! * 1.12] },
      y: { domain: airy(heights, 0.05, [0, 1]) },
      marks: [
        ...across({ ticks: 6, format: (value) => figureText(figure, value) }),
        below({ ticks: spaced(ticks), label: 'labels' }),
        ruleY(levels, { y: 'mean', stroke: 'var(--soft)', strokeDasharray: '2 4' }),
        text(levels, {
          y: 'mean',
          frameAnchor: 'left',
          text: 'name',
          dx: 6,
          dy: -8,
          textAnchor: 'start',
          ...{ fill: 'var(--soft)', stroke: 'var(--page)', strokeWidth: 4 },
        }),
        areaY(own.points, { x: 'labels', y1: 'low', y2: 'high', fill: own.stroke.stroke, fillOpacity: 0.14 }),
        ...[...curves]
          .reverse()
          .flatMap(({ points: all, stroke }) => [
            ruleX(all, { x: 'labels', y1: 'low', y2: 'high', stroke: stroke.stroke, strokeOpacity: 0.6 }),
            line(all, { x: 'labels', y: 'mean', strokeWidth: stroke === own.stroke ? 3 : 1.75, ...stroke }),
            dot(all, { x: 'labels', y: 'mean', fill: stroke.stroke, r: stroke === own.stroke ? 4.5 : 3 }),
          ]),
      ],
    },
  };
}

/** Those of the ticks that stand apart far enough to be read. */
function spaced(ticks: readonly number[]): number[] {
  const kept: number[] = [];
  for (const tick of ticks) if (kept.length === 0 || tick / kept.at(-1)! > 1.15) kept.push(tick);
  return kept;
}
