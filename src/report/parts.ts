/** The pieces that pages are put together from: sections, lists of facts, tables, notes. */
import { type Html, type HtmlInput, html } from './html.js';

/** A part of the page under its heading. */
export const section = (title: string, ...body: readonly HtmlInput[]): Html => {
  const id = slug(title);
  return html`<section aria-labelledby="${id}">\n<h2 id="${id}">${title}</h2>\n${body}</section>\n`;
};

/** Terms and what they are; entries without a value are left out. */
export const facts = (entries: readonly (readonly [string, HtmlInput])[]): Html =>
  html`<dl class="facts">${entries
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>\n`;

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => HtmlInput;
  /** `name` heads the row and is read out before its other cells; only `words` break into lines. */
  readonly kind?: 'name' | 'number' | 'words';
}

/** A table that scrolls inside its frame when it is wide or `long`, with the keyboard too. */
export const dataTable = <Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { long = false }: { readonly long?: boolean } = {},
): Html => html`<div class="frame${long && ' long'}" role="region" aria-label="${caption}" tabindex="0">
<table>
<caption>${caption}</caption>
<thead><tr>${columns.map(({ title, kind }) => html`<th scope="col"${style(kind)}>${title}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${columns.map((column) => cell(column, row))}</tr>\n`)}</tbody>
</table>
</div>
`;

const cell = <Row>({ cell: content, kind }: Column<Row>, row: Row): Html =>
  kind === 'name' ? html`<th scope="row">${content(row)}</th>` : html`<td${style(kind)}>${content(row)}</td>`;

const style = (kind: Column<never>['kind']): Html | false =>
  (kind === 'number' || kind === 'words') && html` class="${kind}"`;

/** A fraction in [0, 1] as a bar beside its figure. */
export const bar = (fraction: number): Html =>
  html`<span class="bar" aria-hidden="true"><span style="width: ${(100 * Math.min(1, Math.max(0, fraction))).toFixed(1)}%"></span></span>`;

/** A remark set apart from the text. */
export const note = (...body: readonly HtmlInput[]): Html => html`<aside class="note">${body}</aside>\n`;

/** Shown when asked for. */
export const folded = (summary: string, body: HtmlInput): Html =>
  html`<details>
<summary>${summary}</summary>
${body}
</details>
`;

export const list = (items: readonly HtmlInput[]): Html =>
  html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>\n`;

export const code = (text: string): Html => html`<code>${text}</code>`;

/** The first characters of a hash, the whole of it on hover. */
export const hash = (sha256: string): Html => html`<code class="hash" title="${sha256}">${sha256.slice(0, 12)}</code>`;

const slug = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
