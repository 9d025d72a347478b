/** The page of a prune run: what came out, what was done, layer by layer, and how to do it again. */
import { basename } from 'node:path';
import { figureOf } from './chart.js';
import { bytes, change, compact, count, milliseconds, percent, plural, shapeText } from './format.js';
import { type Html, html } from './html.js';
import { type Headline, renderPage } from './page.js';
import { bar, type Column, code, dataTable, facts, list, note, section } from './parts.js';
import { comparisonChart, comparisons, errorChart, sparsityChart } from './prune-charts.js';
import type { LayerReport, PruneReport, SkippedLayer } from './prune-report.js';
import { fractionZero, qualityChange, qualityText, verdict } from './prune-verdict.js';
import { reconstructionSection } from './reconstruction-section.js';
import { dataset, fileTable, howTo, timeAndMemory } from './reproduction.js';
import { unitOrderSection } from './unit-order-section.js';

/** One self-contained HTML page; every name in the report is untrusted and escaped. */
export const renderHtml = (report: PruneReport): string =>
  renderPage({
    kind: report.kind === 'prune' ? 'Pruning report' : 'Reconstruction report',
    title: basename(report.model.before.path),
    verdict: verdict(report),
    headline: headline(report),
    sections: [
      report.warnings.length > 0 && section('Warnings', list(report.warnings)),
      section('Before and after', changes(report), figureOf(comparisonChart(comparisons(report))), speed(report)),
      section('What was done', settings(report), data(report)),
      unitOrderSection(report),
      reconstructionSection(report),
      section('Layers', layers(report)),
      report.skipped.length > 0 && section('Left as they were', skipped(report.skipped)),
      section('How to reproduce', reproduction(report)),
    ],
    footer: html`Made by onnx-scalpel ${report.reproduce.versions['onnx-scalpel']}${report.timing.finishedAt && ` on ${report.timing.finishedAt}`}. All times are of the machine it ran on.`,
  }).text;

function headline({ selected, quality, model, weights }: PruneReport): Headline[] {
  const { gzipBytes: gzip } = model.after;
  return [
    {
      name: 'zeros in the selected layers',
      value: percent(fractionZero(selected.after)),
      detail: `${percent(fractionZero(weights.after))} of the whole model`,
    },
    ...(quality
      ? [
          {
            name: quality.metric,
            value: qualityText(quality, quality.after),
            detail: `${qualityText(quality, quality.before)} before, ${qualityChange(quality)}${quality.dense === undefined ? '' : `; dense ${qualityText(quality, quality.dense)}`}`,
          },
        ]
      : []),
    {
      name: 'non-zero weights',
      value: compact(weights.after.nonZero),
      detail: `of ${compact(weights.after.total)}`,
    },
    gzip === undefined
      ? { name: 'file size', value: bytes(model.after.bytes), detail: change(model.before.bytes, model.after.bytes) }
      : {
          name: 'compressed size',
          value: bytes(gzip),
          ...(model.before.gzipBytes && { detail: `${change(model.before.gzipBytes, gzip)} by gzip -6` }),
        },
  ];
}

interface ChangeRow {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly change: string;
  readonly judged?: 'good' | 'bad' | undefined;
}

function changes({ quality, weights, model, timing }: PruneReport): Html {
  const amounts = (name: string, before: number, after: number, show: (value: number) => string): ChangeRow => ({
    name,
    before: show(before),
    after: show(after),
    change: change(before, after),
  });
  const { gzipBytes: gzipBefore } = model.before;
  const { gzipBytes: gzipAfter } = model.after;
  const rows: ChangeRow[] = [
    amounts('non-zero weights', weights.before.nonZero, weights.after.nonZero, count),
    amounts('weights', weights.before.total, weights.after.total, count),
    amounts('file size', model.before.bytes, model.after.bytes, bytes),
  ];
  if (quality) {
    rows.unshift({
      name: quality.metric,
      before: qualityText(quality, quality.before),
      after: qualityText(quality, quality.after),
      change: qualityChange(quality),
      judged: judge(quality.before, quality.after, quality.better),
    });
  }
  if (gzipBefore && gzipAfter) rows.push(amounts('gzip -6 size', gzipBefore, gzipAfter, bytes));
  if (timing.latency) {
    rows.push(amounts('median latency', timing.latency.beforeMs, timing.latency.afterMs, milliseconds));
  }
  const columns: Column<ChangeRow>[] = [
    { title: 'quantity', cell: ({ name }) => name, kind: 'name' },
    { title: 'before', cell: ({ before }) => before, kind: 'number' },
    { title: 'after', cell: ({ after }) => after, kind: 'number' },
    {
      title: 'change',
      cell: (row) => (row.judged ? html`<span class="${row.judged}">${row.change}</span>` : row.change),
      kind: 'number',
    },
  ];
  return dataTable(measuredOn(timing.latency?.description), columns, rows);
}

const judge = (before: number, after: number, better: 'lower' | 'higher'): 'good' | 'bad' | undefined =>
  before === after ? undefined : after < before === (better === 'lower') ? 'good' : 'bad';

const measuredOn = (latency: string | undefined): string =>
  `The model before and after${latency ? `; latency: ${latency}` : ''}`;

const speed = ({ timing }: PruneReport): Html =>
  note(
    html`<p><strong>Zeros alone do not make ONNX Runtime faster.</strong> It multiplies a zero like any other number${
      timing.latency &&
      `: here a run took ${milliseconds(timing.latency.beforeMs)} before and ${milliseconds(timing.latency.afterMs)} after`
    }. What zeros do buy at once is a file that compresses better.</p>
<p>What makes inference faster: smaller matrices, by removing whole channels, heads or neurons; fewer bits per weight, by quantisation; or an engine
with kernels for the pattern, such as NVIDIA’s sparse tensor cores for 2:4.</p>`,
  );

function settings({ settings: s }: PruneReport): Html {
  return facts([
    ['method', s.method],
    ['pattern', s.pattern],
    ['group', s.group],
    ['allocation', s.allocation],
    ['selection', s.selection],
    ['statistics from', s.statisticsFrom && `the ${s.statisticsFrom} model`],
    ['regions', s.regions],
    ['seed', String(s.seed)],
    ['threads', s.threads === undefined ? 'one per core' : String(s.threads)],
    ['provider', s.provider],
    ['included', s.include.join(', ')],
    ['excluded', s.exclude.join(', ')],
    ...Object.entries(s.options).map(([name, value]) => [name, String(value)] as const),
  ]);
}

const data = ({ data: { calibration, evaluation } }: PruneReport): (Html | false)[] => [
  calibration !== undefined && dataset('Calibration data', calibration),
  evaluation !== undefined && dataset('Evaluation data', evaluation),
];

function layers({ layers: all }: PruneReport): (Html | undefined)[] {
  if (all.length === 0) return [html`<p>No layer was pruned.</p>`];
  const errors = errorChart(all);
  return [
    figureOf(sparsityChart(all)),
    errors && figureOf(errors),
    dataTable(`${plural(all.length, 'layer')} in order of execution`, layerColumns(all), all, {
      long: all.length > 24,
    }),
  ];
}

function layerColumns(all: readonly LayerReport[]): Column<LayerReport>[] {
  const known = (present: (layer: LayerReport) => unknown, column: Column<LayerReport>): Column<LayerReport>[] =>
    all.some((layer) => present(layer) !== undefined) ? [column] : [];
  return [
    { title: 'weight', cell: ({ name }) => code(name), kind: 'name' },
    { title: 'op', cell: ({ op }) => op },
    ...known(({ region }) => region, { title: 'region', cell: ({ region }) => region }),
    { title: 'shape', cell: ({ shape }) => shapeText(shape), kind: 'number' },
    ...known(({ sparsity: { before } }) => before || undefined, {
      title: 'before',
      cell: ({ sparsity }) => percent(sparsity.before),
      kind: 'number',
    }),
    { title: 'asked', cell: ({ sparsity }) => percent(sparsity.asked), kind: 'number' },
    { title: 'sparsity', cell: ({ sparsity }) => [percent(sparsity.after), bar(sparsity.after)], kind: 'number' },
    ...known(({ weightError }) => weightError, {
      title: 'weight error',
      cell: ({ weightError }) => optional(weightError),
      kind: 'number',
    }),
    ...known(({ outputError }) => outputError, {
      title: 'output error',
      cell: ({ outputError }) => optional(outputError),
      kind: 'number',
    }),
    ...known(({ notes }) => notes[0], { title: 'notes', cell: ({ notes }) => notes.join('; '), kind: 'words' }),
  ];
}

const optional = (value: number | undefined): string => (value === undefined ? '—' : percent(value));

const skipped = (all: readonly SkippedLayer[]): Html =>
  dataTable<SkippedLayer>(
    `${plural(all.length, 'weight')} that no pattern was applied to`,
    [
      { title: 'weight', cell: ({ name }) => code(name), kind: 'name' },
      { title: 'op', cell: ({ op }) => op ?? '—' },
      { title: 'shape', cell: ({ shape }) => (shape ? shapeText(shape) : '—'), kind: 'number' },
      { title: 'reason', cell: ({ reason }) => reason, kind: 'words' },
    ],
    all,
    { long: all.length > 24 },
  );

const reproduction = ({ reproduce, model, timing }: PruneReport): Html[] => [
  ...howTo(reproduce),
  html`<h3>Models</h3>`,
  fileTable('The model before and after', [model.before, model.after]),
  ...timeAndMemory(timing),
];
