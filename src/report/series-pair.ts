/** One series before and after: two lines, with the stretches that changed. */
import { axisX, axisY, gridY, line, type Markish, rect, ruleY, text } from '@observablehq/plot';
import { scaledDifference } from '../attack/metrics/change.js';
import { changedMask } from '../attack/metrics/changed-mask.js';
import { type Chart, figureOf } from './chart.js';
import { count } from './format.js';
import { type Html, html } from './html.js';
import { runs } from './outline.js';
import type { Frame, Pair, Sides } from './pair.js';

const width = 920;
/** Channels drawn of a series that has more: those that changed most. */
const mostChannels = 6;
/** Cells of the strip of class activation. */
const mostCells = 230;

export const series = (pair: Pair, frame: Frame): Html => figureOf(seriesChart(pair, frame));

/** What the lines and colours of these charts are. */
export const seriesLegend = (titles: Sides, hasMap: boolean): Html => {
  const rows = [
    ['var(--before)', 'M1 5H29', titles.before],
    ['var(--after)', 'M1 5H29', titles.after],
    ['var(--error)', 'M15 0V10', 'changed'],
    ...(hasMap ? [['var(--good)', 'M0 7H30', `class activation of the ${titles.before}`] as const] : []),
  ] as const;
  return html`<ul class="legend">${rows.map(
    ([colour, path, name]) =>
      html`<li><svg viewBox="0 0 30 10" aria-hidden="true"><path d="${path}" fill="none" stroke="${colour}" stroke-width="${name === 'changed' ? 18 : 3}"${name === 'changed' && html` stroke-opacity=".25"`}/></svg>${name}</li>`,
  )}</ul>\n`;
};

function seriesChart(
  { sample, before: clean, after: changed, titles, says, map }: Pair,
  { space, bounds }: Frame,
): Chart {
  const { channels, positions } = space;
  const difference = scaledDifference(changed, clean, bounds);
  const mask = changedMask(difference, space);
  const anywhere = runs(positions, (t) => mask[t] === 1);
  const shown = channelsOf(difference, channels, positions);
  const points = (values: Float32Array): Point[] =>
    shown.flatMap((c) => Array.from({ length: positions }, (_, t) => ({ c, t, value: values[c * positions + t]! })));
  const [before, after] = [points(clean), points(changed)];
  const values = [...before, ...after].map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (high - low || 1) * 0.06;
  const stretched = shown.flatMap((c) =>
    runs(positions, (t) => difference[c * positions + t] !== 0).map(([from, to]) => ({ c, ...between(from, to) })),
  );
  const floor = map ? low - 4 * room : low - room;
  const pieces = `${count(anywhere.length)} ${anywhere.length === 1 ? 'stretch' : 'stretches'}`;
  return {
    caption: `${count(mask.reduce((sum, each) => sum + each, 0))} of ${count(positions)} time steps changed, in ${pieces}`,
    description: `Line chart of sample ${sample}: ${titles.before} (${says.before}) and ${titles.after} (${says.after}), which differ in ${pieces}${stretches(anywhere)}${map ? '; below, where class activation is high' : ''}.`,
    options: {
      width,
      height: 34 + 120 * shown.length,
      ...{ marginTop: 8, marginLeft: 48, marginBottom: 26 },
      x: { domain: [-0.5, positions - 0.5] },
      y: { domain: [floor, high + room] },
      fy: { padding: 0.12, axis: null },
      opacity: { domain: [0, 1], range: [0, 1] },
      marks: [
        gridY(ticksIn(low, high), { stroke: 'var(--line)', strokeOpacity: 1 }),
        rect(stretched, {
          ...{ x1: 'from', x2: 'to', y1: low - room, y2: high + room, fy: 'c' },
          ...{ fill: 'var(--error)', fillOpacity: 0.22 },
        }),
        ...(map ? [strip(map, shown.at(-1)!, floor, low - 2 * room)] : []),
        line(before, { x: 't', y: 'value', fy: 'c', stroke: 'var(--before)', strokeWidth: 2.5 }),
        line(after, { x: 't', y: 'value', fy: 'c', stroke: 'var(--after)', strokeWidth: 1.4 }),
        ...(channels > 1 ? [names(shown)] : []),
        axisY(ticksIn(low, high), { tickSize: 0, label: null, fill: 'var(--soft)' }),
        axisX({
          ...{ ticks: 8, tickSize: 4, label: null, stroke: 'var(--soft)', fill: 'var(--soft)' },
          tickFormat: (t: number) => count(t),
        }),
        ruleY([low - room], { stroke: 'var(--soft)' }),
      ],
    },
  };
}

interface Point {
  readonly c: number;
  readonly t: number;
  readonly value: number;
}

/** A cell a step, or a few steps, the fuller the more it speaks for the label. */
function strip(map: Float32Array, c: number, y1: number, y2: number): Markish {
  const each = Math.ceil(map.length / mostCells);
  const cells = Array.from({ length: Math.ceil(map.length / each) }, (_, i) => {
    const part = map.subarray(i * each, (i + 1) * each);
    const share = part.reduce((sum, value) => sum + value, 0) / part.length;
    return { c, share, ...between(i * each, i * each + part.length) };
  });
  return rect(cells, { x1: 'from', x2: 'to', y1, y2, fy: 'c', fill: 'var(--good)', fillOpacity: 'share' });
}

const names = (shown: readonly number[]): Markish =>
  text(
    shown.map((c) => ({ c, name: `channel ${c}` })),
    { fy: 'c', text: 'name', frameAnchor: 'top-right', dy: 4, dx: -4, fill: 'var(--soft)' },
  );

/** Steps are drawn around their number. */
const between = (from: number, to: number) => ({ from: from - 0.5, to: to - 0.5 });

/** Three to six round numbers. */
function ticksIn(low: number, high: number): number[] {
  const rough = (high - low || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((each) => each * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(6)),
  );
}

/** In their order. */
function channelsOf(difference: Float32Array, channels: number, positions: number): number[] {
  const moved = (c: number): number =>
    difference.subarray(c * positions, (c + 1) * positions).reduce((sum, value) => sum + value * value, 0);
  return Array.from({ length: channels }, (_, c) => c)
    .sort((a, b) => moved(b) - moved(a) || a - b)
    .slice(0, mostChannels)
    .sort((a, b) => a - b);
}

function stretches(all: readonly (readonly [number, number])[]): string {
  if (all.length === 0) return '';
  const told = all.slice(0, 12).map(([from, to]) => (to - from === 1 ? `${from}` : `${from} to ${to - 1}`));
  return `: ${told.join(', ')}${all.length > told.length ? ', …' : ''}`;
}
