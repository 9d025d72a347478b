/** A whole page that needs nothing but itself: no request leaves it and no script runs in it. */
import { type Html, type HtmlInput, html, trusted } from './html.js';
import { style } from './style.js';

export interface Page {
  /** What kind of run the page is about. */
  readonly kind: string;
  readonly title: string;
  /** What came out, in one sentence. */
  readonly verdict: HtmlInput;
  /** The few figures that matter most, right under the verdict. */
  readonly headline: readonly Headline[];
  readonly sections: readonly HtmlInput[];
  readonly footer: HtmlInput;
  /** Rules beside those of all pages. */
  readonly style?: string;
  /** Whether it shows pictures, which are in it too. Default false. */
  readonly pictures?: boolean;
}

export interface Headline {
  readonly name: string;
  readonly value: string;
  readonly detail?: string;
}

// names from models are shown, so that even a fault in escaping could neither run nor load anything
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

export const renderPage = ({
  kind,
  title,
  verdict,
  headline,
  sections,
  footer,
  ...page
}: Page): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}${page.pictures && '; img-src data:'}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${kind}</title>
<style>${trusted(style)}${page.style !== undefined && trusted(page.style)}</style>
</head>
<body>
<header>
<p class="kind">${kind}</p>
<h1>${title}</h1>
<p class="verdict">${verdict}</p>
${headline.length > 0 && html`<dl class="headline">${headline.map(card)}</dl>`}
</header>
<main>
${sections}</main>
<footer>${footer}</footer>
</body>
</html>
`;

const card = ({ name, value, detail }: Headline): Html =>
  html`<div><dt>${name}</dt><dd>${value}${detail && html`<small>${detail}</small>`}</dd></div>`;
