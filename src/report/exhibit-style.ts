/** What exhibits look like: examples before and after, in pictures, lines and tables. */

export const exhibitStyle = `
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; max-width: none; margin: .8rem 0; padding: 0; list-style: none; font-size: .89rem; }
.legend li { display: flex; align-items: center; gap: .5rem; margin: 0; }
.legend svg { width: 1.9rem; height: .6rem; }
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
