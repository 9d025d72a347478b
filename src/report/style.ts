/** The one style sheet: light and dark by the reader's setting, black on white on paper. */

const light = `
  --page: #fdfdfc; --raised: #f5f5f2; --text: #1d1f23; --soft: #5c616b; --line: #dcdcd6;
  --before: #a9adb4; --after: #2f6db5; --error: #b4572e; --good: #2c7a4b; --bad: #b3362b; --note: #f3efe2;`;

const dark = `
  --page: #15171a; --raised: #1d2024; --text: #e7e8ea; --soft: #a2a7b0; --line: #33373d;
  --before: #6a7079; --after: #6aa6e8; --error: #e08e62; --good: #6cc492; --bad: #f08b80; --note: #26241c;`;

export const style = `
:root { color-scheme: light dark; ${light}
  --sans: system-ui, -apple-system, "Segoe UI", "Helvetica Neue", "Noto Sans", "Liberation Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace; }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.55 var(--sans); font-variant-numeric: tabular-nums; }
main, header, footer { max-width: 62rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 3.5rem; }
.kind { margin: 0; color: var(--soft); font-size: .8rem; letter-spacing: .09em; text-transform: uppercase; }
h1 { margin: .3rem 0 .8rem; font-size: 1.9rem; line-height: 1.2; font-weight: 650; letter-spacing: -.015em; overflow-wrap: anywhere; }
.verdict { margin: 0; max-width: 46rem; font-size: 1.15rem; line-height: 1.5; overflow-wrap: anywhere; }
h2 { margin: 3.2rem 0 1rem; padding-top: .9rem; border-top: 1px solid var(--line); font-size: 1.15rem; font-weight: 650; }
h3 { margin: 2rem 0 .5rem; font-size: .95rem; font-weight: 650; }
p { max-width: 46rem; margin: .7rem 0; }
a { color: inherit; }
code { font: .86em/1.5 var(--mono); overflow-wrap: anywhere; }
pre { margin: .7rem 0; padding: .9rem 1.1rem; background: var(--raised); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; }
pre code { font-size: .84rem; }
ul { max-width: 46rem; padding-left: 1.2rem; }
li { margin: .3rem 0; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.good { color: var(--good); }
.bad { color: var(--bad); }
.headline { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 11rem), 1fr)); gap: 1px; margin: 2rem 0 0; padding: 0; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
.headline > div { padding: .95rem 1.1rem; box-shadow: 0 0 0 1px var(--line); }
.headline dt { color: var(--soft); font-size: .8rem; }
.headline dd { margin: .1rem 0 0; font-size: 1.45rem; line-height: 1.25; font-weight: 600; letter-spacing: -.01em; }
.headline small { display: block; margin-top: .1rem; color: var(--soft); font-size: .8rem; font-weight: 400; letter-spacing: 0; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: .1rem 2.2rem; margin: 0; }
.facts > div { display: flex; gap: 1rem; justify-content: space-between; padding: .38rem 0; border-bottom: 1px solid var(--line); }
.facts dt { color: var(--soft); white-space: nowrap; }
.facts dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
.frame { overflow-x: auto; margin: .6rem 0; }
.frame:focus-visible { outline: 2px solid var(--after); outline-offset: 3px; }
.frame.long { max-height: 40rem; overflow-y: auto; border-bottom: 1px solid var(--line); }
.long thead th { position: sticky; top: 0; background: var(--page); }
table { width: 100%; border-collapse: collapse; font-size: .89rem; line-height: 1.4; }
caption { padding: 0 0 .5rem; color: var(--soft); font-size: .85rem; text-align: left; }
th, td { padding: .42rem .7rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: baseline; white-space: nowrap; }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-size: .8rem; font-weight: 500; }
tbody th { font-weight: 400; }
th code, td code { display: inline-block; max-width: 24rem; overflow-wrap: break-word; white-space: normal; }
.number { text-align: right; }
.words, caption { white-space: normal; }
.words { min-width: 12rem; }
.bar { display: inline-block; width: 3.2rem; height: .5em; margin-left: .55rem; background: var(--line); border-radius: 2px; overflow: hidden; }
.bar > span { display: block; height: 100%; background: var(--after); }
figure { margin: 1.6rem 0; }
figcaption { font-size: .95rem; font-weight: 600; }
figure svg { display: block; width: 100%; min-width: 40rem; height: auto; margin-top: .5rem; }
.note { max-width: 46rem; margin: 1.4rem 0; padding: .9rem 1.2rem; background: var(--note); border-radius: 8px; }
.note p:first-child { margin-top: 0; }
.note p:last-child { margin-bottom: 0; }
footer { margin-top: 4rem; padding-top: 1rem; padding-bottom: 3rem; color: var(--soft); font-size: .85rem; }
@media (max-width: 40rem) {
  main, header, footer { padding-left: 1rem; padding-right: 1rem; }
  header { padding-top: 2rem; }
  h1 { font-size: 1.5rem; }
  .verdict { font-size: 1.05rem; }
  th code, td code { max-width: 13rem; }
}
@media print {
  :root { color-scheme: light; ${light} --page: #fff; }
  body { font-size: 10pt; }
  main, header, footer { max-width: none; padding-left: 0; padding-right: 0; }
  header { padding-top: 0; }
  h2 { break-after: avoid; margin-top: 1.6rem; }
  figure, .note, tr, .headline { break-inside: avoid; }
  thead { display: table-header-group; }
  .frame, .frame.long { max-height: none; overflow: visible; }
  figure svg { min-width: 0; width: 100%; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
