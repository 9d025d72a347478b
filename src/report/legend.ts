/** What the lines and marks of charts stand for. */
import { type Html, html, trusted } from './html.js';

export interface LegendRow {
  readonly name: string;
  /** A colour of the page. */
  readonly colour: string;
  readonly dashes?: string;
  /** A path in a box of 30 by 10 instead of a line; it is filled unless `isOpen`. */
  readonly mark?: string;
  readonly isOpen?: boolean;
}

/** Nothing where a single line needs no name. */
export const legend = (rows: readonly LegendRow[]): Html | false =>
  rows.length > 0 && html`<ul class="legend">${rows.map((row) => html`<li>${swatch(row)}${row.name}</li>`)}</ul>\n`;

const swatch = ({ colour, dashes = 'none', mark, isOpen = false }: LegendRow): Html =>
  mark === undefined
    ? html`<svg viewBox="0 0 30 10" aria-hidden="true"><path d="M1 5H29" fill="none" stroke="${trusted(colour)}" stroke-width="2.5" stroke-dasharray="${dashes}"/></svg>`
    : html`<svg class="mark" viewBox="0 0 10 10" aria-hidden="true"><path d="${mark}" fill="${trusted(isOpen ? 'none' : colour)}" stroke="${trusted(colour)}" stroke-width="${isOpen ? '1.8' : '0'}"/></svg>`;
