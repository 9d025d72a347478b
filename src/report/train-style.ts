/** What the page of training looks like beyond other pages: legends beside charts, and the matrix of confusions. */
import { hueStyle } from './hues.js';

/** The list of what lines and marks stand for. */
export const legendStyle = `
.legend { display: flex; flex-wrap: wrap; gap: .15rem 1.2rem; max-width: none; margin: .3rem 0 .9rem; padding: 0; list-style: none; font-size: .84rem; }
.legend li { display: flex; align-items: center; gap: .45rem; margin: 0; }
.legend svg { flex: none; width: 1.7rem; height: .57rem; }
.legend svg.mark { width: .72rem; height: .72rem; }`;

export const trainStyle = `${hueStyle}
${legendStyle}
.curves > div { min-width: 0; }
.curves .legend { margin-left: .4rem; }
.frame + .frame { margin-top: 1.8rem; }
table.confusion { width: auto; border-collapse: separate; border-spacing: 1px; font-size: .8rem; }
.confusion th, .confusion td { border: 0; padding: 0; }
.confusion tbody td { width: 3.4rem; min-width: 1.9rem; height: 2rem; text-align: center; vertical-align: middle; background: var(--raised); }
.confusion.middle { font-size: .7rem; }
.confusion.middle tbody td { width: 2.1rem; height: 1.55rem; }
.confusion.small { font-size: .6rem; }
.confusion.small tbody td { width: 1.3rem; min-width: .8rem; height: 1.05rem; }
.confusion tbody th { padding-right: .5rem; text-align: right; vertical-align: middle; }
.confusion tbody th span { display: block; max-width: 11rem; overflow: hidden; text-overflow: ellipsis; }
.confusion thead th { height: 1px; vertical-align: bottom; color: var(--text); font-size: inherit; text-align: center; }
.confusion thead th span { display: inline-block; max-height: 8rem; padding-bottom: .35rem; overflow: hidden; text-overflow: ellipsis; writing-mode: vertical-rl; transform: rotate(180deg); }
.confusion thead td { background: none; }
.confusion .none { color: var(--soft); }
.confusion .right { --hue: var(--after); }
.confusion .wrong { --hue: var(--error); }
.confusion tbody td.tone { background: color-mix(in srgb, var(--hue) var(--tint), var(--raised)); }
.confusion tbody td.full { color: var(--page); }
@media print { .confusion { break-inside: avoid; } }
`;
