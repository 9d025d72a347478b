/** Instances told one by one: what would have to be different, in a table, a sentence, a line chart or pictures. */
import type { ExplainGallery } from './explain-gallery.js';
import type { Counterfactual, ExplainedInstance, ExplainedMethod } from './explain-report.js';
import { saysText } from './explain-sentence.js';
import { count, plural } from './format.js';
import { type Html, html } from './html.js';
import type { Pair } from './pair.js';
import { dataTable } from './parts.js';
import { pictures } from './picture-pair.js';
import { series, seriesLegend } from './series-pair.js';
import { brief } from './words.js';

const titles = { before: 'as it is', after: 'counterfactual' } as const;
/** Rows shown of one counterfactual. */
const mostChanges = 20;

export function instancesOf({ name, instances }: ExplainedMethod, gallery: ExplainGallery): Html {
  const shown = gallery.shown.get(name) ?? [];
  if (shown.length === 0) return html`<p>No counterfactual was found.</p>\n`;
  const isSeries = gallery.space.kind === 'series';
  const byId = new Map(instances.map((each) => [each.sample, each]));
  return html`${isSeries && seriesLegend(titles, false)}${shown.map((pair) => article(byId.get(pair.sample)!, pair, gallery))}`;
}

function article(
  instance: ExplainedInstance,
  pair: Pick<Pair, 'sample' | 'before' | 'after'>,
  gallery: ExplainGallery,
): Html {
  const { sample, says, counterfactuals } = instance;
  const [best, ...others] = counterfactuals as [Counterfactual, ...Counterfactual[]];
  const texts = { before: saysText(says), after: saysText(best.says) };
  const drawn: Pair = { ...pair, titles, says: texts, details: texts };
  const { kind } = gallery.space;
  const body =
    kind === 'image' ? pictures(drawn, gallery) : kind === 'series' ? series(drawn, gallery) : changesOf(best, sample);
  return html`<article class="exhibit" aria-label="Sample ${sample}: ${texts.before} to ${texts.after}">
<p class="turn">${texts.before} → ${texts.after} <span class="soft">sample ${sample}</span></p>
${best.sentence && html`<p>${best.sentence}</p>`}
${body}
${instance.remark && html`<p class="soft">${instance.remark}</p>`}
${amounts(instance)}
${others.map((each, i) => html`<p class="soft">Another, number ${i + 2}</p>\n${each.sentence && html`<p>${each.sentence}</p>`}${each.changes && changesOf(each, sample)}`)}
</article>
`;
}

export function changesOf({ changes = [] }: Counterfactual, sample: number): Html {
  const shown = changes.slice(0, mostChanges);
  const rest =
    changes.length > shown.length &&
    html`<p class="soft">And ${count(changes.length - shown.length)} more, changed less.</p>`;
  return html`${dataTable(
    `What changes of sample ${sample}`,
    [
      { title: 'feature', cell: ({ feature }) => feature, kind: 'name' },
      { title: 'now', cell: ({ text }) => text.from, kind: 'number' },
      { title: 'instead', cell: ({ text }) => text.to, kind: 'number' },
      { title: 'change', cell: ({ text }) => text.by ?? '', kind: 'number' },
    ],
    shown,
  )}${rest}`;
}

function amounts({ figures, forwards, backwards }: ExplainedInstance): Html {
  const entries = [
    ['l₂', figures.l2],
    ['outlier factor', figures.lof],
    ['forward', forwards],
    ['backward', backwards],
  ] as const;
  return html`<dl class="amounts">${entries
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => html`<div><dt>${name}</dt><dd>${brief(value!)}</dd></div>`)}</dl>`;
}

/** How many there are, where not all are shown. */
export const shownOf = ({ name, summary }: ExplainedMethod, gallery: ExplainGallery): Html | false => {
  const shown = gallery.shown.get(name)?.length ?? 0;
  return (
    shown < summary.found &&
    html`<p class="soft">${plural(shown, 'instance')} of ${count(summary.found)}, from the fewest changes to the most.</p>\n`
  );
};
