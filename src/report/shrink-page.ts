/** The page of a run that removes units or blocks: what is left, what it cost, group by group, and how to do it again. */
import { basename } from 'node:path';
import { figureOf } from './chart.js';
import { bytes, change, compact, count, figure, milliseconds, percent, plural, shapeText } from './format.js';
import { type Html, html } from './html.js';
import { type Headline, renderPage } from './page.js';
import { bar, type Column, code, dataTable, facts, list, section } from './parts.js';
import { type Comparison, comparisonChart } from './prune-charts.js';
import { qualityChange, qualityText } from './prune-verdict.js';
import { reconstructionSection } from './reconstruction-section.js';
import { dataset, fileTable, howTo, timeAndMemory } from './reproduction.js';
import { blockChart, groupChart } from './shrink-charts.js';
import type { Change, GroupReport, ShrinkReport } from './shrink-report.js';
import { areBlocks, shareLeft, shrinkVerdict } from './shrink-verdict.js';

/** One self-contained HTML page; every name in the report is untrusted and escaped. */
export function renderShrinkHtml(report: ShrinkReport): string {
  const { model, groups, left, warnings, proof, timing, reproduce } = report;
  const { calibration, evaluation } = report.data;
  return renderPage({
    kind: 'Shrinking report',
    title: basename(model.before.path),
    verdict: shrinkVerdict(report),
    headline: headline(report),
    sections: [
      warnings.length > 0 && section('Warnings', list(warnings)),
      section('Before and after', changes(report), figureOf(comparisonChart(comparisons(report)))),
      areBlocks(groups) ? blockSection(groups) : groupSection(groups),
      reconstructionSection(report),
      section(
        'Proof',
        html`<p>On ${plural(proof.samples, 'sample')} (${proof.on}), outputs differ from those of the whole model with zeros in place of what went by at most ${figure(proof.apart)} of the largest output.</p>\n`,
      ),
      section(
        'What was done',
        settingsOf(report),
        calibration && dataset('Calibration data', calibration),
        evaluation && dataset('Evaluation data', evaluation),
      ),
      left.length > 0 &&
        section(
          'Left as they were',
          dataTable(plural(left.length, 'weight'), leftColumns, left, { long: left.length > 24 }),
        ),
      section(
        'How to reproduce',
        howTo(reproduce),
        fileTable('Models', [model.before, model.after]),
        timeAndMemory(timing),
      ),
    ],
    footer: html`Made by onnx-scalpel ${reproduce.versions['onnx-scalpel']}${timing.finishedAt && ` on ${timing.finishedAt}`}. All times are of the machine it ran on.`,
  }).text;
}

const groupSection = (groups: readonly GroupReport[]): Html =>
  section(
    'Groups of units',
    html`<p>The units of a group lie in all its weights at once and went from all of them.</p>\n`,
    figureOf(groupChart(groups)),
    dataTable(plural(groups.length, 'group'), groupColumns, groups, { long: groups.length > 24 }),
  );

const blockSection = (blocks: readonly GroupReport[]): Html =>
  section(
    'Blocks',
    html`<p>What a block added to what goes past it is no longer added, and all that only it needed went.</p>\n`,
    figureOf(blockChart(blocks)),
    dataTable(`${blocks.length} ${blocks[0]!.kind}`, blockColumns, blocks, { long: blocks.length > 24 }),
  );

const headline = ({ parameters, multiplications, quality, model, timing: { latency } }: ShrinkReport): Headline[] => [
  {
    name: 'parameters',
    value: compact(parameters.after),
    detail: `of ${compact(parameters.before)}: ${percent(shareLeft(parameters))}`,
  },
  ...(quality
    ? [
        {
          name: quality.metric,
          value: qualityText(quality, quality.after),
          detail: `${qualityText(quality, quality.before)} before, ${qualityChange(quality)}`,
        },
      ]
    : []),
  latency
    ? {
        name: 'median latency',
        value: milliseconds(latency.afterMs),
        detail: change(latency.beforeMs, latency.afterMs),
      }
    : { name: 'multiplications', value: compact(multiplications.after), detail: percent(shareLeft(multiplications)) },
  { name: 'file size', value: bytes(model.after.bytes), detail: change(model.before.bytes, model.after.bytes) },
];

interface Row {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly change: string;
}

function changes({ parameters, multiplications, quality, model, timing: { latency } }: ShrinkReport): Html {
  const row = (name: string, { before, after }: Change, show: (value: number) => string): Row => ({
    name,
    before: show(before),
    after: show(after),
    change: change(before, after),
  });
  const { gzipBytes: before } = model.before;
  const { gzipBytes: after } = model.after;
  const rows = [
    ...(quality
      ? [
          {
            name: quality.metric,
            before: qualityText(quality, quality.before),
            after: qualityText(quality, quality.after),
            change: qualityChange(quality),
          },
        ]
      : []),
    row('parameters', parameters, count),
    row('multiplications', multiplications, count),
    row('file size', { before: model.before.bytes, after: model.after.bytes }, bytes),
    ...(before && after ? [row('gzip -6 size', { before, after }, bytes)] : []),
    ...(latency ? [row('median latency', { before: latency.beforeMs, after: latency.afterMs }, milliseconds)] : []),
  ];
  const columns: Column<Row>[] = [
    { title: 'quantity', cell: ({ name }) => name, kind: 'name' },
    { title: 'before', cell: (each) => each.before, kind: 'number' },
    { title: 'after', cell: (each) => each.after, kind: 'number' },
    { title: 'change', cell: (each) => each.change, kind: 'number' },
  ];
  return dataTable(
    `The model before and after${latency ? `; latency: ${latency.description ?? ''}` : ''}`,
    columns,
    rows,
  );
}

const comparisons = ({ parameters, multiplications, model, timing: { latency } }: ShrinkReport): Comparison[] => [
  { name: 'parameters', ...parameters },
  { name: 'multiplications', ...multiplications },
  { name: 'file size', before: model.before.bytes, after: model.after.bytes },
  ...(latency ? [{ name: 'median latency', before: latency.beforeMs, after: latency.afterMs }] : []),
];

const groupColumns: Column<GroupReport>[] = [
  { title: 'made by', cell: ({ name }) => code(name), kind: 'name' },
  { title: 'node', cell: ({ node }) => node && code(node) },
  { title: 'units', cell: ({ kind }) => kind },
  { title: 'before', cell: ({ units }) => count(units), kind: 'number' },
  { title: 'left', cell: ({ units, left }) => [count(left), bar(left / units)], kind: 'number' },
  { title: 'weights a unit', cell: ({ weights }) => count(weights), kind: 'number' },
  { title: 'lie in', cell: ({ held }) => held.map((name) => html`${code(name)} `) },
];

const blockColumns: Column<GroupReport>[] = [
  { title: 'first weight', cell: ({ name }) => code(name), kind: 'name' },
  { title: 'node', cell: ({ node }) => node && code(node) },
  { title: 'outcome', cell: ({ left }) => (left ? 'stays' : 'went') },
  { title: 'score', cell: ({ score }) => figure(score ?? 0), kind: 'number' },
  { title: 'weights', cell: ({ weights }) => count(weights), kind: 'number' },
  { title: 'holds', cell: ({ held }) => held.map((name) => html`${code(name)} `) },
];

const leftColumns: Column<ShrinkReport['left'][number]>[] = [
  { title: 'weight', cell: ({ name }) => code(name), kind: 'name' },
  { title: 'node', cell: ({ node }) => node && code(node) },
  { title: 'shape', cell: ({ shape }) => shapeText(shape), kind: 'number' },
  { title: 'reason', cell: ({ reason }) => reason },
];

function settingsOf({ settings: s }: ShrinkReport): Html {
  return facts([
    ['units', s.units.join(', ')],
    ['criterion', s.criterion],
    ['asked for', s.amount],
    ['sparsity', percent(s.sparsity)],
    ['allocation', s.allocation ?? ''],
    ['multiples of', s.multiple === undefined ? '' : String(s.multiple)],
    ['at least left', s.least === undefined ? '' : percent(s.least)],
    ['biases make up for units in', s.compensated.length > 0 ? plural(s.compensated.length, 'layer') : ''],
    ['seed', String(s.seed)],
    ['threads', s.threads === undefined ? 'one per core' : String(s.threads)],
    ['provider', s.provider],
    ['included', s.include.join(', ')],
    ['excluded', s.exclude.join(', ')],
  ]);
}
