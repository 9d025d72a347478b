/** Hues: eight colours that tell curves and classes apart, in light and dark. */

const hues = {
  light: ['#2f6db5', '#b4572e', '#2c7a4b', '#8a4fa3', '#a8760a', '#0f8a8f', '#c23b6b', '#5c616b'],
  dark: ['#6aa6e8', '#e08e62', '#6cc492', '#c39be0', '#d9b44a', '#4fc4c9', '#ef87ad', '#a2a7b0'],
} as const;

export const hueCount = hues.light.length;

/** The colour of that number; they come round again. */
export const hueOf = (index: number): string => `var(--hue-${index % hueCount})`;

const dashes = ['none', '7 3', '2 3', '9 3 2 3'] as const;

/** How the curve of that number is drawn: told apart by colour, then by dashes. */
export const strokeOf = (index: number) => ({
  stroke: hueOf(index),
  strokeDasharray: dashes[Math.floor(index / hueCount) % dashes.length]!,
});

const variables = (colours: readonly string[]): string =>
  colours.map((colour, i) => `--hue-${i}: ${colour};`).join(' ');

/** The colours, and charts side by side. */
export const hueStyle = `
:root { ${variables(hues.light)} }
@media (prefers-color-scheme: dark) { :root { ${variables(hues.dark)} } }
.curves { display: grid; gap: .6rem 1.6rem; }
.per-2 { grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); }
.per-3 { grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 1fr)); }
.curves figure { margin: .6rem 0; min-width: 0; }
.curves figcaption { font-size: .85rem; }
.curves figure svg { min-width: 0; }
`;
