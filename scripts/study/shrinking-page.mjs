/** The page of the study of structured pruning. */
import { markdownTable } from './markdown-table.mjs';

const percent = (fraction) => `${(100 * fraction).toFixed(1)} %`;
const share = ({ before, after }) => (after / before).toFixed(2);
const quality = (metric, value) => (metric === 'perplexity' ? value.toFixed(2) : percent(value));

const rowOf = ({ sparsity, recovery, metric, after, parameters, multiplications, bytes }, ratio) => [
  `${percent(sparsity)}${recovery.length > 0 ? ', fitted again' : ''}`,
  quality(metric, after),
  ...[parameters, multiplications, bytes].map(share),
  ratio
    ? `${ratio.median.toFixed(2)}${ratio.interval ? ` (${ratio.interval.map((end) => end.toFixed(2)).join(' to ')})` : ''}`
    : '',
];

/** Narrow convolutions do fewer multiplications a microsecond, and what is no convolution hardly shrinks. */
const profileOf = ({ sparsity, before, after }) =>
  [
    `Where the time goes with ${percent(sparsity)} gone, by ONNX Runtime's profile of 200 runs on one thread, in microseconds a run:`,
    '',
    markdownTable(
      ['part', 'dense', 'shrunk', 'share'],
      Object.entries(before).map(([part, was]) => [part, `${was}`, `${after[part]}`, (after[part] / was).toFixed(2)]),
    ),
  ].join('\n');

const sectionOf = ({ name, choice, found, times, parts }) =>
  found.length === 0
    ? `## ${name}\n\nNot run yet.`
    : [
        `## ${name}`,
        '',
        `Dense: ${found[0].metric} ${quality(found[0].metric, found[0].before)}, ${found[0].parameters.before} parameters${times ? `, ${times.denseMilliseconds.toPrecision(3)} ms` : ''}.${choice ? ` With \`${choice.join(' ')}\`.` : ''}`,
        '',
        markdownTable(
          ['units gone', found[0].metric, 'parameters', 'FLOPs', 'bytes', 'p50 latency (95 % interval)'],
          found.map((cell, i) => rowOf(cell, times?.ratios[i])),
        ),
        '',
        `The shrunk models differ from the masked ones by at most ${Math.max(...found.map(({ apart }) => apart)).toExponential(1)} of the largest output. Made in ${found.map(({ seconds }) => seconds).join(', ')} s.`,
        ...(parts ? ['', profileOf(parts)] : []),
      ].join('\n');

export const shrinkingPage = (results) => `# Structured pruning, measured

Made by \`node scripts/study-shrinking.mjs\`: \`scalpel shrink --criterion flap-wifv --allocation uniform\` with its other defaults, 30 % and 50 % of the
units of every group (multiples of 8, so that 16 channels become 8 in both), biases making up; fitted again with \`--reconstruct half\`. Quality is of
held-out data (SqueezeNet: of 36 pictures, 64 others were calibrated on); latency is the median ratio
to the dense model over rounds in which all five models run in turn, on one thread; figures beside it are shares of the dense model's.

${results.map(sectionOf).join('\n\n')}
`;
