/** The page of the sweep that the defaults of reconstruction come from, in Markdown. */
import { markdownTable } from './markdown-table.mjs';

/** @param tables lists of cells by name @param figures what a run of a cell reports @param bases options that variations share */
export function defaultsPage({ bySize, others, regions, retraining, data }, figures, { base, slower }) {
  const score = (cell) => figures.get(cell).after.toFixed(2);
  const variation = (cells, title, from) => {
    const rows = cells.map((cell) => [flagsOf(cell.options, from), score(cell)]);
    return markdownTable([title, 'perplexity'], [['nothing', score(bySize.find(isCell(from)))], ...rows]);
  };
  return `# Where the defaults of reconstruction come from

Made by \`node scripts/study-defaults.mjs\`: the bundled GPT, 70 % of its block weights removed, reconstructed on its 128 calibration
windows of 128 tokens. The score is the perplexity on windows that were drawn from the *training* text with another seed, without those that share
16 tokens in a row with a calibration window; the dense model has ${figures.get(bySize[0]).before.toFixed(2)} there. Evaluation
data took no part.

## Rate and samples a step

By halves, 5 epochs, linear schedule after a rise over a tenth of the steps.

${['wanda', 'magnitude'].map((method) => grid(method, bySize, score)).join('\n\n')}

## One option at a time

Wanda with \`${flagsOf(slower, {})}\`, and:

${variation(others, 'changed', slower)}

## Regions

Wanda with \`${flagsOf(base, {})}\`, and:

${variation(regions, 'changed', base)}

The whole model trained on next tokens instead, with the same data:

${markdownTable(
  ['Wanda', 'perplexity'],
  retraining.map((cell) => [flagsOf(cell.options, {}), score(cell)]),
)}

## Windows

The same by halves, with windows drawn by \`calibration/sotu.yaml\`:

${markdownTable(
  ['Wanda', 'perplexity'],
  data.map((cell) => [flagsOf(cell.options, base), score(cell)]),
)}
`;
}

const isCell =
  (wanted) =>
  ({ method, options }) =>
    method === 'wanda' && Object.keys(wanted).every((key) => options[key] === wanted[key]);

function grid(method, cells, score) {
  const own = cells.filter((cell) => cell.method === method);
  const rates = [...new Set(own.map(({ options }) => options.rate))];
  const sizes = [...new Set(own.map(({ options }) => options['batch-size']))];
  const at = (size, rate) => own.find(({ options }) => options.rate === rate && options['batch-size'] === size);
  return markdownTable(
    [`${method}, windows a step`, ...rates],
    sizes.map((size) => [size, ...rates.map((rate) => score(at(size, rate)))]),
  );
}

/** Options as typed, without those that are as in \`base\`. */
const flagsOf = (options, base) =>
  Object.entries(options)
    .filter(([key, value]) => base[key] !== value)
    .map(([key, value]) => (value === true ? `--${key}` : `--${key} ${value}`))
    .join(' ');
