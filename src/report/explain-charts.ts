/** Which features change how often, and which way. */
import { axisX, axisY, barX, gridX, ruleX, text } from '@observablehq/plot';
import { type Chart, figureOf } from './chart.js';
import type { ExplainedMethod, ExplainReport } from './explain-report.js';
import { count, percent, plural } from './format.js';
import { type Html, html } from './html.js';
import { visible } from './visible.js';

/** Features drawn: those that change most often. */
const mostFeatures = 25;

type Change = ExplainedMethod['summary']['changes'][number];

export function changesChart({ name, summary }: ExplainedMethod, report: ExplainReport): Html | false {
  const { changes, found } = summary;
  if (changes.length === 0) return false;
  const shown = changes.slice(0, mostFeatures);
  const never = (report.features?.length ?? 0) - changes.length;
  const rest = [
    ...(changes.length > shown.length
      ? [`${plural(changes.length - shown.length, 'feature')} more change less often`]
      : []),
    ...(never > 0 ? [`${plural(never, 'feature')} never ${never === 1 ? 'changes' : 'change'}`] : []),
  ];
  return html`${figureOf(chartOf(name, shown, found))}${rest.length > 0 && html`<p class="soft">${sentence(rest.join(', and '))}</p>\n`}`;
}

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;

function chartOf(method: string, shown: readonly Change[], found: number): Chart {
  const names = shown.map(({ feature }) => visible(feature));
  const bars = shown.flatMap(({ feature, share, count: times, up = 0, down = 0 }) => {
    const name = visible(feature);
    const part = (amount: number): number => (amount / times) * share;
    return up + down > 0
      ? [
          { name, share: part(up), way: 'rises' },
          { name, share: part(down), way: 'falls' },
        ]
      : [{ name, share, way: 'another value' }];
  });
  const longest = Math.max(...names.map((name) => name.length));
  return {
    caption: `How often each feature changes, of ${plural(found, 'counterfactual')}`,
    description: `Bar chart of ${method}: ${shown.map((each) => `${each.feature} ${percent(each.share)}${wayOf(each)}`).join('; ')}.`,
    options: {
      width: 760,
      height: 44 + 24 * shown.length,
      marginLeft: Math.min(260, 20 + 7 * longest),
      marginRight: 56,
      x: { domain: [0, Math.max(...shown.map(({ share }) => share))] },
      y: { domain: names },
      color: {
        legend: false,
        domain: ['rises', 'falls', 'another value'],
        range: ['var(--after)', 'var(--error)', 'var(--soft)'],
      },
      marks: [
        gridX({ ticks: 5, stroke: 'var(--line)', strokeOpacity: 1 }),
        barX(bars, { x: 'share', y: 'name', fill: 'way', inset: 2 }),
        text(shown, {
          x: 'share',
          y: (each: Change) => visible(each.feature),
          text: (each: Change) => count(each.count),
          textAnchor: 'start',
          dx: 6,
          fill: 'currentColor',
        }),
        axisX({
          ticks: 5,
          tickSize: 4,
          label: null,
          tickFormat: (v: number) => percent(v, 0),
          stroke: 'var(--soft)',
          fill: 'var(--soft)',
        }),
        axisY({ tickSize: 0, label: null, fill: 'currentColor' }),
        ruleX([0], { stroke: 'var(--soft)' }),
      ],
    },
  };
}

const wayOf = ({ up = 0, down = 0, mostOften }: Change): string =>
  mostOften !== undefined ? `, most often to ${mostOften}` : ` (${count(up)} up, ${count(down)} down)`;

/** What the colours of the chart are. */
export const changesLegend = (): Html =>
  html`<ul class="legend">${(
    [
      ['var(--after)', 'rises'],
      ['var(--error)', 'falls'],
      ['var(--soft)', 'another level or category'],
    ] as const
  ).map(
    ([colour, name]) =>
      html`<li><svg viewBox="0 0 30 10" aria-hidden="true"><path d="M1 5H29" fill="none" stroke="${colour}" stroke-width="9"/></svg>${name}</li>`,
  )}</ul>\n`;
