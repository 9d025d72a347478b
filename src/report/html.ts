/** HTML by tagged templates: whatever is put in is escaped, unless it is HTML made here. */
import { visible } from './visible.js';

/** Text that is HTML already. */
export class Html {
  constructor(readonly text: string) {}
}

/** HTML that was not made here but is known to be safe, such as the style sheet. */
export const trusted = (text: string): Html => new Html(text);

export type HtmlInput = Html | string | number | undefined | false | readonly HtmlInput[];

/** `html\`<td>${name}</td>\``: strings are escaped for content and quoted attributes, lists joined, `undefined` and `false` dropped. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlInput[]): Html {
  return new Html(strings.reduce((text, part, i) => text + htmlText(values[i - 1]) + part));
}

function htmlText(value: HtmlInput): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(htmlText).join('');
  return escaped(visible(String(value)));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] as string);
