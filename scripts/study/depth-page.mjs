/** The page of the study of depth pruning. */
import { markdownTable } from './markdown-table.mjs';

const percent = (fraction) => `${(100 * fraction).toFixed(1)} %`;
const share = ({ before, after }) => (after / before).toFixed(2);
const quality = (metric, value) => (metric === 'perplexity' ? value.toFixed(2) : percent(value));
const ratioText = ({ median, interval }) =>
  `${median.toFixed(2)}${interval ? ` (${interval.map((end) => end.toFixed(2)).join(' to ')})` : ''}`;

const rowOf = ({ criterion, bare, trained, ratio }) => [
  `\`${criterion}\``,
  bare.gone.map((block) => block + 1).join(', '),
  quality(bare.metric, bare.after),
  trained ? quality(trained.metric, trained.after) : '',
  share(bare.parameters),
  share(bare.multiplications),
  ratio ? ratioText(ratio) : '',
];

const sectionOf = ({ name, found, times }) => {
  if (found.length === 0) return `## ${name}\n\nNot run yet.`;
  const [{ bare }] = found;
  return [
    `## ${name}`,
    '',
    `Dense: ${bare.metric} ${quality(bare.metric, bare.before)}, ${bare.parameters.before} parameters${times ? `, ${times.denseMilliseconds.toPrecision(3)} ms` : ''}.`,
    '',
    markdownTable(
      ['criterion', 'gone', bare.metric, 'trained again', 'parameters', 'FLOPs', 'p50 latency (95 % interval)'],
      found.map(rowOf),
    ),
    '',
    `The shrunk models differ from the masked ones by at most ${Math.max(...found.map((cell) => cell.bare.apart)).toExponential(1)} of the largest output.`,
  ].join('\n');
};

export const depthPage = (results) => `# Depth pruning, measured

Made by \`node scripts/study-depth.mjs\`: \`scalpel shrink --units blocks\` and \`--units branches\` by every criterion, as they come out; those of
\`block-influence\` and \`loss\` also with \`--retrain\`, the GPT twice over 512 windows of 128 tokens, the ResNet three times over 512 pictures. What went
is numbered from 1 in the order of the model. Quality is of held-out data (of the ResNet 300 pictures: two or three points are chance); latency is
the median ratio to the dense model over rounds in which all models run in turn, on one thread; figures beside it are shares of the dense model's.

${results.map(sectionOf).join('\n\n')}
`;
