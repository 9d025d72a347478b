/** One text under attack in the space of its embeddings: the tokens that moved. */
import { scaledDifference } from '../attack/metrics/change.js';
import type { Exhibit, Gallery } from './attack-gallery.js';
import { count } from './format.js';
import { type Html, html } from './html.js';
import { dataTable } from './parts.js';
import { brief } from './words.js';

/** Rows shown: those that moved most. */
const mostRows = 30;

export function tokens({ clean, adversarial, outcome }: Exhibit, { space, bounds }: Gallery): Html {
  const { channels, positions } = space;
  const difference = scaledDifference(adversarial, clean, bounds);
  const rows = Array.from({ length: positions }, (_, token) => {
    const own = Array.from({ length: channels }, (__, c) => difference[c * positions + token]!);
    return { token, elements: own.filter((value) => value !== 0).length, l2: Math.hypot(...own) };
  })
    .filter(({ elements }) => elements > 0)
    .sort((a, b) => b.l2 - a.l2);
  const rest =
    rows.length > mostRows && html`<p class="soft">And ${count(rows.length - mostRows)} more, moved less.</p>`;
  return html`${dataTable(
    `Changed tokens of sample ${outcome.id}`,
    [
      { title: 'token', cell: ({ token }) => token, kind: 'name' },
      { title: 'numbers changed', cell: ({ elements }) => `${count(elements)} of ${count(channels)}`, kind: 'number' },
      { title: 'l₂', cell: ({ l2 }) => brief(l2), kind: 'number' },
    ],
    rows.slice(0, mostRows),
  )}${rest}`;
}
