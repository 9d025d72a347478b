/** Charts drawn without a browser, as SVG that takes its colours from the page. */
import { type PlotOptions, plot } from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { type Html, html, trusted } from './html.js';

export interface Chart {
  readonly caption: string;
  /** What the chart shows, in a sentence, for those who do not see it. */
  readonly description: string;
  readonly options: PlotOptions;
}

/** A figure with its caption; wider than the page, it scrolls instead of shrinking beyond reading. */
export function figureOf({ caption, description, options }: Chart): Html {
  const svg = draw({
    className: 'plot',
    style: { background: 'none', color: 'inherit', fontFamily: 'inherit', fontSize: '12px' },
    ...options,
  });
  return html`<figure>
<figcaption>${caption}</figcaption>
<div class="frame" role="region" aria-label="${caption}" tabindex="0"><div role="img" aria-label="${description}">${trusted(svg.toString())}</div></div>
</figure>
`;
}

const draw = (options: PlotOptions): ReturnType<typeof plot> =>
  plot({ ...options, document: parseHTML('<!doctype html><html><body></body></html>').document });
