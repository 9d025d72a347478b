/** One series under attack: original and adversarial as lines, with the stretches that changed. */
import { axisX, axisY, gridY, line, rect, ruleY, text } from '@observablehq/plot';
import { scaledDifference } from '../attack/metrics/change.js';
import { changedMask } from '../attack/metrics/changed-mask.js';
import type { Exhibit, Gallery } from './attack-gallery.js';
import type { Named } from './attack-pictures.js';
import { type Chart, figureOf } from './chart.js';
import { count, plural } from './format.js';
import { type Html, html } from './html.js';
import { runs } from './outline.js';

const width = 920;
/** Channels drawn of a series that has more: those that changed most. */
const mostChannels = 6;

export function series(exhibit: Exhibit, gallery: Gallery, named: Named): Html {
  return html`${figureOf(seriesChart(exhibit, gallery, named))}`;
}

function seriesChart(exhibit: Exhibit, { space, bounds }: Gallery, { label, predicted }: Named): Chart {
  const { clean, adversarial, outcome, map } = exhibit;
  const { channels, positions } = space;
  const difference = scaledDifference(adversarial, clean, bounds);
  const shown = channelsOf(difference, channels, positions);
  const points = (values: Float32Array) =>
    shown.flatMap((c) => Array.from({ length: positions }, (_, t) => ({ c, t, value: values[c * positions + t]! })));
  const all = [...points(clean), ...points(adversarial)].map(({ value }) => value);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = (high - low || 1) * 0.06;
  const changed = shown.flatMap((c) =>
    runs(positions, (t) => difference[c * positions + t] !== 0).map(([from, to]) => ({
      c,
      from: from - 0.5,
      to: to - 0.5,
    })),
  );
  const anywhere = runs(positions, (t) => changedMask(difference, space)[t] === 1);
  const strip = map ? Array.from(map, (share, t) => ({ c: shown.at(-1)!, from: t - 0.5, to: t + 0.5, share })) : [];
  const base = low - 2 * room;
  return {
    caption: `${count(outcome.change.positions)} of ${count(positions)} time steps changed`,
    description: `Line chart of sample ${outcome.id}: original (${label}) and adversarial (${predicted}), which differ in ${plural(anywhere.length, 'stretch')}${stretches(anywhere)}${map ? '; below, where class activation is high' : ''}.`,
    options: {
      width,
      height: 40 + 130 * shown.length,
      marginLeft: 48,
      marginBottom: 26,
      x: { domain: [-0.5, positions - 0.5] },
      y: { domain: [map ? base - 1.5 * room : low - room, high + room] },
      fy: { padding: 0.12, axis: null },
      marks: [
        gridY({ stroke: 'var(--line)', strokeOpacity: 1, ticks: 4 }),
        rect(changed, {
          x1: 'from',
          x2: 'to',
          y1: low - room,
          y2: high + room,
          fy: 'c',
          fill: 'var(--error)',
          fillOpacity: 0.2,
        }),
        rect(strip, {
          x1: 'from',
          x2: 'to',
          y1: base - 1.5 * room,
          y2: base,
          fy: 'c',
          fill: 'var(--good)',
          fillOpacity: 'share',
        }),
        line(points(clean), { x: 't', y: 'value', fy: 'c', stroke: 'var(--before)', strokeWidth: 2.5 }),
        line(points(adversarial), { x: 't', y: 'value', fy: 'c', stroke: 'var(--after)', strokeWidth: 1.4 }),
        ...(channels > 1
          ? [
              text(
                shown.map((c) => ({ c, name: `channel ${c}` })),
                { fy: 'c', text: 'name', frameAnchor: 'top-right', dy: 4, dx: -4, fill: 'var(--soft)' },
              ),
            ]
          : []),
        axisY({ ticks: 4, tickSize: 0, label: null, fill: 'var(--soft)' }),
        axisX({
          ticks: 8,
          tickSize: 4,
          label: null,
          stroke: 'var(--soft)',
          fill: 'var(--soft)',
          tickFormat: (t: number) => count(t),
        }),
        ruleY([low - room], { stroke: 'var(--soft)' }),
      ],
    },
  };
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

const stretches = (all: readonly (readonly [number, number])[]): string =>
  all.length === 0
    ? ''
    : `: ${all
        .slice(0, 12)
        .map(([from, to]) => (to - from === 1 ? `${from}` : `${from} to ${to - 1}`))
        .join(', ')}${all.length > 12 ? ', …' : ''}`;
