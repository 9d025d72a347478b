/** The tables of the reconstruction study in Markdown. */
import { markdownTable } from './markdown-table.mjs';

/** @param cells of quality @param timed of time and memory @param beyond what beats the defaults */
export function tables(cells, timed, beyond) {
  const networks = [...new Map(cells.map(({ network }) => [network.name, network])).values()];
  const sections = networks.map((network) => {
    const own = cells.filter((cell) => cell.network.name === network.name);
    const patterns = [...new Set(own.map(({ pattern }) => pattern))];
    const { metric, before } = own[0].figures;
    return `### ${network.title}

Dense: ${metric} ${figure(metric, before)}.

${patterns
  .map((pattern) =>
    ofPattern(
      pattern,
      own.filter((cell) => cell.pattern === pattern),
    ),
  )
  .join('\n\n')}`;
  });
  return `${sections.join('\n\n')}

### Time and memory

gpt-sotu, Wanda at 0.7, 128 windows of 128 tokens, two threads, nothing else running: seconds of pruning and fitting together, of them
inside ONNX Runtime, and the peak of the job process.

${costs(timed)}

![perplexity against seconds and memory](reconstruction-pareto.svg)

### What beats the defaults

gpt-sotu at 0.7, Wanda's mask where nothing else is said, 128 windows drawn with seed 0, one thread, two runs at a time on two cores; seconds
are of pruning and fitting, of all commands together.

${markdownTable(
  ['', 'perplexity', 'time', 'peak memory'],
  beyond.map(({ name, figures: { after, seconds, peakBytes } }) => [
    name,
    after.toFixed(2),
    `${seconds.toFixed(0)} s`,
    `${(peakBytes / 1e6).toFixed(0)} MB`,
  ]),
)}
`;
}

function ofPattern(pattern, cells) {
  const distinct = (key) => [...new Set(cells.map((cell) => cell[key]))];
  const recoveries = distinct('recovery');
  const rows = distinct('method').map((method) => [
    `${method}, ${pattern}`,
    ...recoveries.map((recovery) =>
      spread(cells.filter((cell) => cell.method === method && cell.recovery === recovery)),
    ),
  ]);
  return markdownTable(['', ...recoveries], rows);
}

/** The mean, and the sample's standard deviation where there are several. */
function spread(cells) {
  const { metric } = cells[0].figures;
  const values = cells.map(({ figures }) => figures.after);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return figure(metric, mean);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
  return `${figure(metric, mean)} ± ${deviation.toFixed(2)}`;
}

const figure = (metric, value) => (metric === 'perplexity' ? value.toFixed(2) : `${(100 * value).toFixed(1)} %`);

function costs(timed) {
  const rows = timed.map((cell) => {
    const { after, seconds, runtimeSeconds, peakBytes } = cell.figures;
    const share = `${(100 * (runtimeSeconds / seconds)).toFixed(0)} %`;
    return [cell.recovery, after.toFixed(2), `${seconds.toFixed(1)} s`, share, `${(peakBytes / 1e6).toFixed(0)} MB`];
  });
  return markdownTable(['fitted at a time', 'perplexity', 'time', 'inside the runtime', 'peak memory'], rows);
}
