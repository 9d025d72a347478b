/** The tables of a bench: time, size with loading and memory, and outputs. */
import { memoryText, outputsText, processorText, range, ratioWithin, time } from './bench-figures.js';
import { benchNames } from './bench-names.js';
import type { BenchedModel, BenchReport } from './bench-report.js';
import { bytes, count, figure, plural } from './format.js';
import type { Html } from './html.js';
import { type Column, code, dataTable } from './parts.js';

interface Row extends BenchedModel {
  readonly name: string;
}

const number = (title: string, cell: Column<Row>['cell']): Column<Row> => ({ title, cell, kind: 'number' });
const name: Column<Row> = { title: 'model', cell: (row) => code(row.name), kind: 'name' };

const rowsOf = (report: BenchReport): Row[] => {
  const names = benchNames(report);
  return report.models.map((model, i) => ({ ...model, name: names[i]! }));
};

export function timeTable(report: BenchReport): Html {
  const { settings, models } = report;
  const { rounds, runs } = models[0]!.latency;
  const unit = settings.isolate
    ? `${plural(rounds, 'round')} of fresh processes, ${count(runs)} runs`
    : plural(rounds, 'round');
  return dataTable<Row>(
    `Milliseconds of one run of ${plural(settings.batch, 'sample')}, over ${unit}; intervals of medians at 95 %`,
    [
      name,
      ...(models.length > 1
        ? [
            number('over the first', ({ ratio }) => (ratio ? ratioWithin(ratio) : '1')),
            number('in CPU time', ({ ratio }) => processorText(ratio)),
          ]
        : []),
      number('median', ({ latency }) => time(latency.p50Milliseconds)),
      number('interval', ({ latency }) => (latency.intervalMilliseconds ? range(latency.intervalMilliseconds) : '—')),
      number('quartiles', ({ latency }) => range(latency.quartilesMilliseconds)),
      number('p95', ({ latency }) => time(latency.p95Milliseconds)),
      number('mean', ({ latency }) => time(latency.meanMilliseconds)),
      number('CPU', ({ latency }) => time(latency.processorMilliseconds)),
      number('samples/s', ({ latency }) => figure(latency.samplesPerSecond)),
    ],
    rowsOf(report),
  );
}

export function loadTable(report: BenchReport): Html {
  const rows = rowsOf(report);
  const { load } = rows[0]!;
  return dataTable<Row>(
    load ? `Size, and ${count(load.loads)} loads of each model, each in a fresh process` : 'Size',
    [
      name,
      number('file', ({ file }) => bytes(file.bytes)),
      number(
        'gzip -6',
        ({ file, isGzipEstimated }) => `${isGzipEstimated ? 'about ' : ''}${bytes(file.gzipBytes ?? 0)}`,
      ),
      ...(load
        ? [
            number('load, median', (row) => `${time(row.load!.medianMilliseconds)} ms`),
            number('least to most', (row) => range([row.load!.leastMilliseconds, row.load!.mostMilliseconds])),
            number('first run', (row) => `${time(row.load!.firstRunMilliseconds)} ms`),
            number('memory added at the peak', (row) => memoryText(row.memory!)),
            number('before', (row) => bytes(row.memory!.baselineBytes)),
          ]
        : []),
    ],
    rows,
  );
}

interface OutputRow {
  readonly model: string;
  readonly output: string;
  readonly relative: string;
  readonly largest: string;
}

/** Nothing to compare of one model. */
export function outputTable(report: BenchReport): Html | false {
  const rows = rowsOf(report).flatMap(({ name: model, outputs }): OutputRow[] => {
    if (!outputs) return [];
    if (outputs.failure !== undefined)
      return [{ model, output: outputs.failure, relative: outputsText(outputs), largest: '' }];
    return outputs.outputs.map(({ name: output, relative, maxAbsolute }) => ({
      ...{ model, output },
      relative: figure(relative ?? Number.NaN),
      largest: figure(maxAbsolute ?? Number.NaN),
    }));
  });
  if (rows.length === 0) return false;
  const samples = report.models[1]!.outputs!.samples;
  return dataTable<OutputRow>(
    `How far outputs are from those of the first model, on ${plural(samples, 'sample')}: ‖a − b‖ / ‖a‖, and the largest |a − b|`,
    [
      { title: 'model', cell: ({ model }) => code(model), kind: 'name' },
      { title: 'output', cell: ({ output }) => output, kind: 'words' },
      { title: 'relative error', cell: ({ relative }) => relative, kind: 'number' },
      { title: 'largest', cell: ({ largest }) => largest, kind: 'number' },
    ],
    rows,
  );
}
