/** What `scalpel prune` says at its end: the figures before and after, and where things are. */
import type { PrunePlan } from '../pipeline/prune-plan.js';
import type { OutputRequest } from '../pipeline/prune-request.js';
import type { PruneReport, QualityChange } from '../report/prune-report.js';
import { fileSize, grouped, percent, textTable } from './text-table.js';

/** The table of a finished run and the paths of what it wrote. */
export function pruneText(report: PruneReport, output: OutputRequest): string {
  const { settings, layers } = report;
  const title = `${settings.method} ${settings.pattern} on ${layers.length} layers of ${report.model.before.path}`;
  const paths = [
    ['pruned model', output.model],
    ['report', `${output.report}/report.html`],
    ['', `${output.report}/report.json`],
  ];
  return [
    title,
    textTable([['', 'before', 'after'], ...rows(report)]),
    'Zeros alone do not make ONNX Runtime faster: it multiplies by them.',
    textTable(paths, ['left', 'left']),
  ].join('\n\n');
}

/** The layers of a dry run. */
export function planText({ model, layers, skipped }: PrunePlan): string {
  const alignments = ['left', 'left', 'left', 'right'] as const;
  const table = layers.map(({ name, op, shape, sparsity }) => [
    name,
    op,
    `[${shape.join(', ')}]`,
    sparsity === undefined ? '' : percent(sparsity),
  ]);
  const left = skipped.map(({ name, reason }) => [name, reason]);
  return [
    `${model}: ${layers.length} layers would be pruned`,
    textTable(table, alignments),
    ...(left.length > 0 ? [`${left.length} are left alone`, textTable(left, ['left', 'left'])] : []),
  ].join('\n\n');
}

function* rows({ quality, selected, weights, model, timing }: PruneReport): Generator<readonly string[]> {
  if (quality) yield [quality.metric, figure(quality, quality.before), figure(quality, quality.after)];
  for (const [name, counts] of [
    ['sparsity of the pruned layers', selected],
    ['sparsity of all weights', weights],
  ] as const) {
    yield [name, ...[counts.before, counts.after].map(({ nonZero, total }) => percent(1 - nonZero / total))];
  }
  yield ['non-zero weights', grouped(weights.before.nonZero), grouped(weights.after.nonZero)];
  yield ['file size', fileSize(model.before.bytes), fileSize(model.after.bytes)];
  const { before, after } = model;
  if (before.gzipBytes !== undefined && after.gzipBytes !== undefined) {
    yield ['size after gzip -6', fileSize(before.gzipBytes), fileSize(after.gzipBytes)];
  }
  if (timing.latency) {
    yield ['median latency', ...[timing.latency.beforeMs, timing.latency.afterMs].map((ms) => `${ms.toFixed(1)} ms`)];
  }
}

const figure = ({ unit }: QualityChange, value: number): string =>
  unit === 'fraction' ? percent(value) : value.toFixed(2);
