/** The document of `bench` as text for the terminal. */
import { memoryText, outputsText, processorText, range, ratioWithin, time } from '../report/bench-figures.js';
import { benchNames } from '../report/bench-names.js';
import type { BenchReport } from '../report/bench-report.js';
import { benchVerdict } from '../report/bench-verdict.js';
import { bytes, figure, plural } from '../report/format.js';
import { textTable } from '../report/table.js';
import { visible } from '../report/visible.js';

const right = 'right';
const number = (title: string) => ({ title, align: right }) as const;

/** @param folder where the report was written. @returns without a line break at its end. */
export function benchText(report: BenchReport, folder?: string): string {
  const { data, warnings } = report;
  return [
    visible(`inputs: ${data.description}`),
    timeText(report),
    sizeText(report),
    outputText(report),
    warnings.map((warning) => visible(`warning: ${warning}`)).join('\n'),
    visible(benchVerdict(report)),
    folder !== undefined && visible(`report: ${folder}/report.html`),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function timeText(report: BenchReport): string {
  const names = benchNames(report);
  const { models, settings } = report;
  const { rounds } = models[0]!.latency;
  const ratios = models.length > 1;
  const title = `milliseconds of one run of ${plural(settings.batch, 'sample')}, ${plural(rounds, 'round')}${settings.isolate ? ' of fresh processes' : ''}; [95 % interval of the median]`;
  const table = textTable(
    [
      { title: 'model', maxWidth: 44 },
      ...['p50', '[interval]', 'quartiles', 'p95', 'mean', 'CPU', 'samples/s'].map(number),
      ...(ratios ? [number('ratio to the first, paired'), number('of CPU time')] : []),
    ],
    models.map(({ latency, ratio }, i) => [
      names[i]!,
      time(latency.p50Milliseconds),
      latency.intervalMilliseconds ? range(latency.intervalMilliseconds) : '—',
      range(latency.quartilesMilliseconds),
      time(latency.p95Milliseconds),
      time(latency.meanMilliseconds),
      time(latency.processorMilliseconds),
      figure(latency.samplesPerSecond),
      ratio ? ratioWithin(ratio) : '1',
      processorText(ratio),
    ]),
  );
  return `${title}\n${table}`;
}

function sizeText(report: BenchReport): string {
  const names = benchNames(report);
  const { load } = report.models[0]!;
  return textTable(
    [
      { title: 'model', maxWidth: 44 },
      ...['file', 'gzip', ...(load ? ['load ms', 'least to most', 'first run ms', 'memory', 'before'] : [])].map(
        number,
      ),
    ],
    report.models.map(({ file, isGzipEstimated, load: loaded, memory }, i) => [
      names[i]!,
      bytes(file.bytes),
      `${isGzipEstimated ? 'about ' : ''}${bytes(file.gzipBytes ?? 0)}`,
      ...(loaded && memory
        ? [
            time(loaded.medianMilliseconds),
            range([loaded.leastMilliseconds, loaded.mostMilliseconds]),
            time(loaded.firstRunMilliseconds),
            memoryText(memory),
            bytes(memory.baselineBytes),
          ]
        : []),
    ]),
  );
}

function outputText(report: BenchReport): string | false {
  const names = benchNames(report);
  const rows = report.models.flatMap(({ outputs }, i) =>
    outputs
      ? [[names[i]!, outputsText(outputs), outputs.failure ?? outputs.outputs.map(({ name }) => name).join(', ')]]
      : [],
  );
  if (rows.length === 0) return false;
  return textTable(
    [{ title: 'model', maxWidth: 44 }, number('outputs, relative error'), { title: 'of', maxWidth: 60 }],
    rows,
  );
}
