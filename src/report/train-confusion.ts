/** Which classes are taken for which: the matrix as a table of tints, and the pairs that are confused most. */
import { count, percent, plural } from './format.js';
import { type Html, html } from './html.js';
import { dataTable } from './parts.js';
import type { ChosenCell } from './train-report.js';

/** More would not be told apart on a page; the document has them all. */
const mostDrawn = 60;
const mostPairs = 10;
/** Counts are written into cells up to this many classes; beyond, tints and the words on hover tell. */
const mostWritten = 40;

export function confusionTable({ confusion, perClass, on }: ChosenCell): Html | false {
  if (!confusion || confusion.length > mostDrawn) return false;
  const names = perClass.map(({ name }) => name);
  const size = confusion.length > 28 ? 'small' : confusion.length > 12 ? 'middle' : 'large';
  const caption = `${count(names.length)} classes, series of each`;
  return html`<p class="soft">Rows are the classes of the ${on} series, columns what they were taken for; tints are shares of a row, blue where it is right.</p>
<div class="frame" role="region" aria-label="${caption}" tabindex="0">
<table class="confusion ${size}">
<caption>${caption}</caption>
<thead><tr><td></td>${names.map((name) => html`<th scope="col" title="${name}"><span>${name}</span></th>`)}</tr></thead>
<tbody>
${confusion.map(
  (row, actual) =>
    html`<tr><th scope="row" title="${names[actual]}"><span>${names[actual]}</span></th>${row.map((amount, taken) => cell(amount, row, actual, taken, names))}</tr>\n`,
)}</tbody>
</table>
</div>
`;
}

function cell(amount: number, row: readonly number[], actual: number, taken: number, names: readonly string[]): Html {
  const isWritten = names.length <= mostWritten;
  if (amount === 0) return actual === taken && isWritten ? html`<td class="none">0</td>` : html`<td></td>`;
  const share = amount / row.reduce((sum, each) => sum + each, 0);
  const tone = `tone ${actual === taken ? 'right' : 'wrong'}${share > 0.55 ? ' full' : ''}`;
  // a share of a hundredth is seen still
  const tint = Math.round(8 + 92 * share);
  const words = `${names[actual]} taken for ${names[taken]}: ${count(amount)}, ${percent(share)}`;
  return html`<td class="${tone}" style="--tint: ${tint}%" title="${words}">${isWritten && count(amount)}</td>`;
}

interface ConfusedPair {
  readonly actual: string;
  readonly taken: string;
  readonly amount: number;
  readonly share: number;
}

/** Nothing of two classes: the matrix says it all. */
export function confusedPairs({ confusion, perClass }: ChosenCell): Html | false {
  if (!confusion || confusion.length < 3) return false;
  const pairs = confusion.flatMap((row, actual) =>
    row.flatMap((amount, taken): ConfusedPair[] =>
      amount > 0 && actual !== taken
        ? [
            {
              actual: perClass[actual]!.name,
              taken: perClass[taken]!.name,
              amount,
              share: amount / perClass[actual]!.support,
            },
          ]
        : [],
    ),
  );
  if (pairs.length === 0) return html`<p>No series was taken for another class.</p>\n`;
  const shown = pairs.sort((a, b) => b.amount - a.amount).slice(0, mostPairs);
  return dataTable<ConfusedPair>(
    pairs.length > shown.length
      ? `The ${count(shown.length)} most frequent of ${count(pairs.length)} confusions`
      : plural(pairs.length, 'confusion'),
    [
      { title: 'class', cell: ({ actual }) => actual, kind: 'name' },
      { title: 'taken for', cell: ({ taken }) => taken },
      { title: 'series', cell: ({ amount }) => count(amount), kind: 'number' },
      { title: 'of the class', cell: ({ share }) => percent(share), kind: 'number' },
    ],
    shown,
  );
}
