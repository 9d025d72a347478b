/** The gallery of one attack: each example with what it was taken for and how much it changed. */
import type { Change } from '../attack/metrics/change.js';
import { features } from './attack-features.js';
import type { Exhibit, Gallery } from './attack-gallery.js';
import type { AttackReport, AttackReportPart } from './attack-report.js';
import { tokens } from './attack-tokens.js';
import { count } from './format.js';
import { type Html, type HtmlInput, html } from './html.js';
import type { Pair } from './pair.js';
import { pictures } from './picture-pair.js';
import { series, seriesLegend } from './series-pair.js';
import { brief, className, figureNames } from './words.js';

/** Nothing for an attack without exhibits. */
export function exhibits({ name, passes }: AttackReportPart, report: AttackReport, gallery: Gallery): Html | false {
  const shown = gallery.exhibits.filter(({ attack }) => attack === name);
  if (shown.length === 0) return html`<p>No example reached its goal.</p>\n`;
  const tells = passes.length > 1;
  const legend =
    gallery.space.kind === 'series' &&
    seriesLegend(
      titles,
      shown.some(({ map }) => map !== undefined),
    );
  return html`${legend}${shown.map((each) => article(each, report, gallery, tells))}${gallery.mapNote && html`<p class="soft">${sentence(gallery.mapNote)}</p>\n`}`;
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function article(exhibit: Exhibit, report: AttackReport, gallery: Gallery, tellsGoal: boolean): Html {
  const { outcome, goal } = exhibit;
  const named = {
    label: className(report.data.classes, outcome.label),
    predicted: className(report.data.classes, outcome.predicted),
  };
  const { kind } = gallery.space;
  const bodies = {
    image: () => pictures(pairOf(exhibit, named), gallery),
    series: () => series(pairOf(exhibit, named), gallery),
    features: () => features(exhibit, gallery, report),
    tokens: () => tokens(exhibit, gallery),
  } as const satisfies Record<typeof kind, () => Html>;
  return html`<article class="exhibit" aria-label="Sample ${outcome.id}: ${named.label} to ${named.predicted}">
<p class="turn">${named.label} → ${named.predicted} <span class="soft">sample ${outcome.id}${tellsGoal && `, ${goal}`}</span></p>
${bodies[kind]()}
${amounts(exhibit, kind)}
</article>
`;
}

const titles = { before: 'original', after: 'adversarial' } as const;

const pairOf = (
  { outcome, clean, adversarial, cleanMargin, map }: Exhibit,
  { label, predicted }: { readonly label: string; readonly predicted: string },
): Pair => ({
  sample: outcome.id,
  before: clean,
  after: adversarial,
  titles,
  says: { before: label, after: predicted },
  details: {
    before: `${label}, margin ${brief(cleanMargin)}`,
    after: `${predicted}, margin ${brief(outcome.margin)}`,
  },
  map,
});

function amounts({ outcome, cleanMargin }: Exhibit, kind: Gallery['space']['kind']): Html {
  const { change, forwards, backwards, margin, roundedSuccess, interpretability } = outcome;
  const figureOf = (name: keyof typeof figureNames & keyof Change): [string, string] => [
    figureNames[name],
    brief(change[name]),
  ];
  const entries: [string, HtmlInput][] = [
    ...(kind === 'image' ? [] : [['margin', `${brief(cleanMargin)} → ${brief(margin)}`] as [string, string]]),
    ...(kind === 'series' ? [figureOf('clusters')] : []),
    ...(kind === 'features' ? [] : [figureOf('d20')]),
    figureOf('l1'),
    figureOf('l2'),
    figureOf('linf'),
    ...(interpretability ? [['IS₉₀', interpretability['90'].toFixed(2)] as [string, string]] : []),
    ['forward', count(forwards)],
    ['backward', count(backwards)],
    ...(roundedSuccess === undefined ? [] : [['rounded', roundedSuccess ? 'holds' : 'lost'] as [string, string]]),
  ];
  return html`<dl class="amounts">${entries.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
