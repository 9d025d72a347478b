/** The charts of a bench: ratios with their intervals, the times of all rounds, and how they went. */
import { axisY, dot, gridX, line, link, ruleX, ruleY, tickX } from '@observablehq/plot';
import { ascending, quantile } from '../evaluate/spread.js';
import type { RatioSpread } from '../evaluate/timed.js';
import { across, airy, below, logTicks, tickText } from './axes.js';
import { ratioText, ratioWithin, time } from './bench-figures.js';
import { benchNames } from './bench-names.js';
import type { BenchReport } from './bench-report.js';
import type { Chart } from './chart.js';
import { plural } from './format.js';
import { hueOf } from './hues.js';

const width = 920;

/** One row a name, with room for it. */
export const rowsOptions = (names: readonly string[]) => ({
  ...{ width, height: 46 + 40 * names.length, marginTop: 6, marginRight: 24 },
  marginLeft: Math.min(300, 24 + 7 * Math.max(...names.map(({ length }) => length))),
  y: { domain: names, type: 'band', padding: 0.3 } as const,
});

export const namesBeside = () => axisY({ tickSize: 0, label: null, fill: 'currentColor', fontSize: 13 });

/** Nothing where there are no ratios. @param first what the others are over. */
export function ratioChart(
  first: string,
  ratios: readonly { readonly name: string; readonly ratio: RatioSpread }[],
): Chart | undefined {
  const rows = ratios.map(({ name, ratio }) => {
    const [low, high] = ratio.interval ?? [ratio.median, ratio.median];
    return { name, median: ratio.median, low, high, text: ratioWithin(ratio) };
  });
  if (rows.length === 0) return undefined;
  const domain = airy([1, ...rows.flatMap(({ low, high }) => [low, high])], 0.2);
  return {
    caption: `Time of a run over that of ${first} in the same round: median, and its interval at 95 %`,
    description: `Ratios of ${plural(rows.length, 'model')}: ${rows.map(({ name, text }) => `${name} ${text}`).join(', ')}.`,
    options: {
      ...rowsOptions(rows.map(({ name }) => name)),
      x: { domain },
      marks: [
        gridX({ ticks: 6, stroke: 'var(--line)', strokeOpacity: 1 }),
        ruleX([1], { stroke: 'var(--soft)', strokeDasharray: '4 3' }),
        below({ ticks: 6, format: ratioText }),
        namesBeside(),
        link(rows, {
          x1: 'low',
          x2: 'high',
          y1: 'name',
          y2: 'name',
          stroke: 'var(--after)',
          strokeWidth: 5,
          strokeOpacity: 0.45,
        }),
        dot(rows, { x: 'median', y: 'name', r: 4.5, fill: 'var(--after)' }),
      ],
    },
  };
}

/** Beyond this many times the least, equal steps would press the fast ones together. */
const widestLinear = 6;

/** A dot a round, a box from quartile to quartile, a tick at the median; the slowest rounds in a hundred may lie outside. */
export function timesChart(report: BenchReport): Chart {
  const names = benchNames(report);
  const rows = report.models.map(({ roundMilliseconds }, i) => {
    const sorted = ascending(roundMilliseconds);
    const at = (fraction: number): number => quantile(sorted, fraction);
    return { name: names[i]!, sorted, low: at(0.25), high: at(0.75), median: at(0.5), end: at(0.98), colour: hueOf(i) };
  });
  const [least, most] = [Math.min(...rows.map(({ sorted }) => sorted[0]!)), Math.max(...rows.map(({ end }) => end))];
  const isLog = most > widestLinear * least;
  const dots = rows.flatMap(({ name, sorted, colour }) =>
    sorted.filter((value) => value <= most).map((value) => ({ name, value, colour })),
  );
  const outside = rows.reduce((sum, { sorted }) => sum + sorted.filter((value) => value > most).length, 0);
  return {
    caption: `Milliseconds of a run: a dot a round, a box from quartile to quartile, a tick at the median${outside > 0 ? `; ${plural(outside, 'slower round')} not shown` : ''}`,
    description: `Strip chart of the rounds of ${plural(rows.length, 'model')}; medians: ${rows.map(({ name, median }) => `${name} ${time(median)} ms`).join(', ')}.`,
    options: {
      ...rowsOptions(names),
      x: isLog
        ? { type: 'log', domain: [least / 1.1, most * 1.1] }
        : { domain: airy([least, most], 0, [0, Number.POSITIVE_INFINITY]) },
      marks: [
        gridX({ ticks: (isLog ? logTicks(least, most) : 6) as number, stroke: 'var(--line)', strokeOpacity: 1 }),
        ruleY(rows, { y: 'name', stroke: 'var(--line)' }),
        below({ ticks: isLog ? logTicks(least, most) : 6, format: tickText }),
        namesBeside(),
        link(rows, {
          x1: 'low',
          x2: 'high',
          y1: 'name',
          y2: 'name',
          stroke: 'colour',
          strokeWidth: 16,
          strokeOpacity: 0.3,
        }),
        dot(dots, { x: 'value', y: 'name', r: 2.5, fill: 'colour', fillOpacity: 0.5 }),
        tickX(rows, { x: 'median', y: 'name', stroke: 'colour', strokeWidth: 3 }),
      ],
    },
  };
}

/** Round by round: what moves all lines at once was the machine. Nothing where rounds are few. */
export function roundsChart(report: BenchReport): Chart | undefined {
  const names = benchNames(report);
  const all = report.models.flatMap(({ roundMilliseconds }) => roundMilliseconds);
  if (report.models[0]!.roundMilliseconds.length < 6) return undefined;
  const points = report.models.flatMap(({ roundMilliseconds }, i) =>
    roundMilliseconds.map((value, round) => ({ name: names[i]!, round: round + 1, value, colour: hueOf(i) })),
  );
  const [least, most] = [Math.min(...all), Math.max(...all)];
  return {
    caption: 'Milliseconds by round: what moves all lines at once is the machine',
    description: `Line chart of ${plural(report.models.length, 'model')} over ${plural(report.models[0]!.roundMilliseconds.length, 'round')}, from ${time(least)} to ${time(most)} ms.`,
    options: {
      ...{ width, height: 240, marginLeft: 56, marginRight: 24 },
      y: { type: 'log', domain: [least / 1.1, most * 1.1] },
      marks: [
        ...across({ ticks: logTicks(least / 1.1, most * 1.1), format: tickText }),
        below({ ticks: 8, label: 'round' }),
        line(points, { x: 'round', y: 'value', z: 'name', stroke: 'colour', strokeWidth: 1.3 }),
      ],
    },
  };
}
