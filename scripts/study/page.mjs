/** The study's page in Markdown. */
import { markdownTable } from './markdown-table.mjs';

/** @param tables one per network @param reference perplexities of published PyTorch code for gpt-sotu */
export const page = (tables, reference) => `# Pruning results

Made by \`node scripts/study-pruning.mjs\`: each cell is one run of \`scalpel prune\` with default options, after which nothing was
re-trained or reconstructed. Sparsities are of the selected layers; embeddings and output heads stay dense. Magnitude and random
compare the weights of a whole matrix, Wanda and RIA those of one output row, SparseGPT those of 128 input columns, and SparseGPT
alone changes the weights that stay.

${tables.map((table) => section(table)).join('\n')}
## Against published code

\`gpt-sotu\` with the same tokens, masks made by the Wanda repository's PyTorch classes (figures shipped with the model). Ours keeps
one weight more per group than their \`<=\` threshold does for magnitude and SparseGPT.

${comparison(tables[0], reference)}
`;

function section({ network, methods, cells }) {
  const { metric, before } = cells[0];
  const rows = network.patterns.map((pattern) => [
    pattern,
    ...methods.map((method) => figure(find(cells, method, pattern))),
  ]);
  const seconds = methods.map((method) => {
    const times = cells.filter((cell) => cell.method === method).map(({ seconds }) => seconds);
    return `${method} ${Math.max(...times).toFixed(1)} s`;
  });
  return `## ${network.title}

${network.about} Dense ${metric}: ${figure({ metric, after: before })}. At most, statistics and pruning took: ${seconds.join(', ')}.

${markdownTable([`${metric} at`, ...methods], rows)}
`;
}

function comparison({ cells }, { perplexity }) {
  const rows = Object.entries(perplexity).map(([name, theirs]) => {
    const [pattern, method] = name.split(' ');
    const ours = find(cells, method, pattern).after;
    return [name, theirs.toFixed(3), ours.toFixed(3), `${(100 * (ours / theirs - 1)).toFixed(2)} %`];
  });
  return markdownTable(['cell', 'published code', 'ours', 'difference'], rows);
}

const find = (cells, method, pattern) => cells.find((cell) => cell.method === method && cell.pattern === pattern);

const figure = ({ metric, after }) => (metric === 'perplexity' ? after.toFixed(2) : `${(100 * after).toFixed(1)} %`);
