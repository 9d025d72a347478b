/** How a training went: losses by term, validation, learning rate and what unlabelled series did, over the steps. */
import { dot, line, ruleX, text } from '@observablehq/plot';
import { across, airy, below, ground, logTicks, tickText } from './axes.js';
import { type Chart, figureOf } from './chart.js';
import { compact, count, figure, percent, plural } from './format.js';
import { type Html, html } from './html.js';
import { hueOf, strokeOf } from './hues.js';
import { legend } from './legend.js';
import type { CurvePoint, TrainCell } from './train-report.js';
import { visible } from './visible.js';

interface Curve {
  readonly name: string;
  readonly points: readonly { readonly step: number; readonly value: number }[];
}

/** Points of a curve that are drawn; more would only blacken it. */
const mostPoints = 240;

/** Six small charts at most; a sentence where no point was written down. */
export function cellCharts(cell: TrainCell): Html {
  if (cell.curves.length === 0) return html`<p class="soft">Nothing was written down of its steps.</p>\n`;
  const charts = [
    lossChart(cell),
    validationChart(cell, 'Validation, weighted AUC', ({ validationAuc }) => validationAuc),
    validationChart(cell, 'Validation, accuracy', ({ validationAccuracy }) => validationAccuracy),
    diagnosticChart(cell),
    validationChart(cell, 'Validation, log loss', ({ validationLoss }) => validationLoss, Number.POSITIVE_INFINITY),
    rateChart(cell),
  ];
  return html`<div class="curves per-3">\n${charts}</div>\n`;
}

function lossChart(cell: TrainCell): Html | false {
  const terms = [...new Set(cell.curves.flatMap(({ losses }) => Object.keys(losses)))];
  const curves = curvesOf(
    cell,
    terms.map((term) => [spelled(term), ({ losses }) => losses[term]]),
  );
  if (curves.length === 0) return false;
  const title = terms.length > 1 ? 'Loss by term' : 'Loss';
  const values = valuesOf(curves);
  const positive = values.filter((value) => value > 0);
  const [least, most] = [Math.min(...positive), Math.max(...positive)];
  if (Math.min(...values) < 0 || positive.length === 0 || most < 30 * least) {
    const domain: [number, number] = [Math.min(0, ...values), airy(values, 1e-6)[1]];
    return panel(cell, curves, { title, domain, format: tickText });
  }
  // what is nearly zero would press all else together
  const low = Math.max(least, most * 1e-5);
  const shown = curves.map(({ name, points }) => ({ name, points: points.filter(({ value }) => value >= low) }));
  const domain: [number, number] = [low / 1.1, most * 1.1];
  return panel(cell, shown, { title, domain, isLog: true, format: tickText });
}

function validationChart(cell: TrainCell, title: string, read: Reading, most = 1): Html | false {
  const curves = curvesOf(cell, [[title, read]]);
  const domain = airy(valuesOf(curves), 0.02, [0, most]);
  return curves.length > 0 && panel(cell, curves, { title, domain, format: (value) => value.toFixed(2), isTold: true });
}

function diagnosticChart(cell: TrainCell): Html | false {
  const names = [...new Set(cell.curves.flatMap(({ diagnostics }) => Object.keys(diagnostics ?? {})))];
  const curves = curvesOf(
    cell,
    names.map((name) => [spelled(name), ({ diagnostics }) => diagnostics?.[name]]),
  );
  const title = 'Unlabelled series';
  const domain: [number, number] = [0, Math.max(1.02, ...valuesOf(curves))];
  return curves.length > 0 && panel(cell, curves, { title, domain, format: (value) => percent(value, 0) });
}

function rateChart(cell: TrainCell): Html | false {
  const curves = curvesOf(cell, [['learning rate', ({ rate }) => rate]]);
  const most = Math.max(0, ...valuesOf(curves));
  return most > 0 && panel(cell, curves, { title: 'Learning rate', domain: [0, most * 1.08], format: tickText });
}

type Reading = (point: CurvePoint) => number | null | undefined;

/** Those of the curves that have points; values that are not finite are passed over. */
function curvesOf({ curves, bestStep }: TrainCell, readings: readonly (readonly [string, Reading])[]): Curve[] {
  const every = Math.ceil(curves.length / mostPoints);
  return readings.flatMap(([name, read]) => {
    const known = curves.flatMap((point) => {
      const value = read(point);
      return typeof value === 'number' && Number.isFinite(value) ? [{ step: point.step, value }] : [];
    });
    const points = known.filter(({ step }, i) => i % every === 0 || i === known.length - 1 || step === bestStep);
    return points.length > 0 ? [{ name, points }] : [];
  });
}

const valuesOf = (curves: readonly Curve[]): number[] =>
  curves.flatMap(({ points }) => points.map(({ value }) => value));

interface Panel {
  readonly title: string;
  readonly domain: readonly [number, number];
  readonly isLog?: boolean;
  readonly format: (value: number) => string;
  /** Whether the value at the best step is told. */
  readonly isTold?: boolean;
}

function panel({ bestStep, curves: all }: TrainCell, curves: readonly Curve[], how: Panel): Html {
  const { title, domain, isLog = false, format, isTold = false } = how;
  const lastStep = Math.max(1, ...all.map(({ step }) => step));
  const best = isTold ? curves[0]?.points.find(({ step }) => step === bestStep) : undefined;
  const told = curves.flatMap(({ name, points }) =>
    points.length > 0 ? [`${name} from ${figure(points[0]!.value)} to ${figure(points.at(-1)!.value)}`] : [],
  );
  const chart: Chart = {
    caption: title,
    description: `Line chart over ${plural(lastStep, 'step')}: ${told.join(', ')}${best ? `; ${best.value.toFixed(3)} at the best step, ${count(best.step)}` : ''}.`,
    options: {
      ...{ width: 300, height: 190, marginTop: 20, marginLeft: 46, marginRight: 14, marginBottom: 28 },
      x: { domain: [0, lastStep] },
      y: { domain, type: isLog ? 'log' : 'linear' },
      marks: [
        ...across({ ticks: isLog ? logTicks(...domain) : 4, format }),
        below({ ticks: 4, format: compact }),
        ...(bestStep === undefined ? [] : [ruleX([bestStep], { stroke: 'var(--soft)', strokeDasharray: '3 3' })]),
        ...[...curves.keys()].reverse().map((i) => lineOf(curves[i]!, strokeOf(i))),
        ...(best ? bestMarks(best, lastStep) : []),
        ground(domain[0]),
      ],
    },
  };
  const rows = curves.map(({ name }, i) => ({ name, colour: hueOf(i), dashes: strokeOf(i).strokeDasharray }));
  return html`<div>${figureOf(chart)}${curves.length > 1 && legend(rows)}</div>\n`;
}

/** A single point is a dot: a line through it would not be seen. */
const lineOf = ({ points }: Curve, stroke: ReturnType<typeof strokeOf>) =>
  points.length === 1
    ? dot(points, { x: 'step', y: 'value', fill: stroke.stroke })
    : line(points, { x: 'step', y: 'value', strokeWidth: 1.8, ...stroke });

/** Where the kept weights are from. */
function bestMarks(best: Curve['points'][number], lastStep: number) {
  const isRight = best.step > 0.5 * lastStep;
  return [
    dot([best], { x: 'step', y: 'value', r: 4, fill: 'var(--error)' }),
    text([best], {
      ...{ x: 'step', frameAnchor: 'top', dy: -12, dx: isRight ? 6 : -6, textAnchor: isRight ? 'end' : 'start' },
      text: [`${best.value.toFixed(3)} at ${count(best.step)}`],
      fill: 'var(--soft)',
    }),
  ];
}

/** `maskRate` → `mask rate`. */
const spelled = (name: string): string =>
  visible(name.replaceAll('_', ' ').replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`));
