/** One row of a table under attack: the features that changed. */
import { scaledDifference } from '../attack/metrics/change.js';
import type { Exhibit, Gallery } from './attack-gallery.js';
import type { AttackReport } from './attack-report.js';
import { count, figure, percent } from './format.js';
import { type Html, html } from './html.js';
import { dataTable } from './parts.js';

/** Rows shown: those that changed most. */
const mostRows = 30;

interface Row {
  readonly name: string;
  readonly now: number;
  readonly instead: number;
  readonly share: number;
}

export function features(exhibit: Exhibit, { bounds }: Gallery, { data }: AttackReport): Html {
  const { clean, adversarial, outcome } = exhibit;
  const rows = [...scaledDifference(adversarial, clean, bounds)]
    .map(
      (share, i): Row => ({
        name: data.features?.[i] ?? `feature ${i}`,
        now: clean[i]!,
        instead: adversarial[i]!,
        share,
      }),
    )
    .filter(({ share }) => share !== 0)
    .sort((a, b) => Math.abs(b.share) - Math.abs(a.share));
  const shown = rows.slice(0, mostRows);
  const rest =
    rows.length > shown.length &&
    html`<p class="soft">And ${count(rows.length - shown.length)} more, changed less.</p>`;
  return html`${dataTable(
    `Changed features of sample ${outcome.id}`,
    [
      { title: 'feature', cell: ({ name }) => name, kind: 'name' },
      { title: 'now', cell: ({ now }) => figure(now), kind: 'number' },
      { title: 'instead', cell: ({ instead }) => figure(instead), kind: 'number' },
      {
        title: 'of its range',
        cell: ({ share }) => `${share > 0 ? '+' : ''}${percent(share)}`,
        kind: 'number',
      },
    ],
    shown,
  )}${rest}`;
}
