/** What the page of attacks looks like beyond other pages: colours of curves, galleries of pictures. */

const hues = {
  light: ['#2f6db5', '#b4572e', '#2c7a4b', '#8a4fa3', '#a8760a', '#0f8a8f', '#c23b6b', '#5c616b'],
  dark: ['#6aa6e8', '#e08e62', '#6cc492', '#c39be0', '#d9b44a', '#4fc4c9', '#ef87ad', '#a2a7b0'],
} as const;

const dashes = ['none', '7 3', '2 3', '9 3 2 3'] as const;

/** How the curve of the attack of that number is drawn: told apart by colour, then by dashes. */
export const strokeOf = (attack: number) => ({
  stroke: `var(--hue-${attack % hues.light.length})`,
  strokeDasharray: dashes[Math.floor(attack / hues.light.length) % dashes.length]!,
});

const variables = (colours: readonly string[]): string =>
  colours.map((colour, i) => `--hue-${i}: ${colour};`).join(' ');

export const attackStyle = `
:root { ${variables(hues.light)} }
@media (prefers-color-scheme: dark) { :root { ${variables(hues.dark)} } }
section > .frame + .frame { margin-top: 1.8rem; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; max-width: none; margin: .8rem 0; padding: 0; list-style: none; font-size: .89rem; }
.legend li { display: flex; align-items: center; gap: .5rem; margin: 0; }
.legend svg { width: 1.9rem; height: .6rem; }
.curves { display: grid; gap: .6rem 1.6rem; }
.per-2 { grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); }
.per-3 { grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 1fr)); }
.curves figure { margin: .6rem 0; min-width: 0; }
.curves figcaption { font-size: .85rem; }
.curves figure svg { min-width: 0; }
.exhibit { margin: 1.6rem 0 2.2rem; }
.exhibit > p { margin: .3rem 0; max-width: none; }
.turn { font-weight: 600; }
.turn .soft { font-weight: 400; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .9rem; margin: .5rem 0; }
.pictures figure { margin: 0; min-width: 0; }
.pictures img, .pictures figure svg { display: block; width: 100%; min-width: 0; height: auto; margin: 0; border-radius: 4px; background: var(--raised); image-rendering: pixelated; }
.pictures figcaption { margin-top: .35rem; font-size: .8rem; font-weight: 400; line-height: 1.35; }
.pictures figcaption strong { display: block; font-weight: 600; }
.pictures figcaption .soft { overflow-wrap: anywhere; }
.amounts { display: flex; flex-wrap: wrap; gap: .1rem 1.3rem; margin: .5rem 0 0; font-size: .84rem; }
.amounts > div { display: flex; gap: .4rem; }
.amounts dt { color: var(--soft); }
.amounts dd { margin: 0; }
.exhibit > .frame { max-width: 36rem; margin: .3rem 0; }
.exhibit > figure > figcaption { color: var(--soft); font-size: .84rem; font-weight: 400; }
.exhibit figure { margin: .3rem 0; }
@media print { .exhibit { break-inside: avoid; } }
`;
