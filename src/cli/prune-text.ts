/** What `scalpel prune` says at its end: the figures before and after, and where things are. */
import { join } from 'node:path';
import type { PrunePlan } from '../pipeline/prune/plan.js';
import type { OutputRequest } from '../pipeline/prune/request.js';
import { bytes, change, count, milliseconds, percent, plural, shapeText } from '../report/format.js';
import type { PruneReport, WeightCounts } from '../report/prune-report.js';
import { fractionZero, qualityChange, qualityText, verdict } from '../report/prune-verdict.js';
import { textTable } from '../report/table.js';
import { visible } from '../report/visible.js';

const right = 'right';

/** The table of a finished run, and the paths of what it wrote. */
export function pruneText(report: PruneReport, output: OutputRequest): string {
  const columns = [
    { title: 'figure' },
    ...['before', 'after', 'change'].map((title) => ({ title, align: right }) as const),
  ];
  return [
    verdict(report),
    textTable(columns, [...rows(report)]),
    ...(report.warnings.length > 0
      ? [report.warnings.map((warning) => `warning: ${visible(warning)}`).join('\n')]
      : []),
    ...orderText(report),
    ...besideText(report),
    'Zeros alone do not make ONNX Runtime faster: it multiplies by them.',
    [
      `${report.kind === 'prune' ? 'pruned model ' : 'new model    '} ${visible(output.model)}`,
      `report        ${visible(join(output.report, 'report.html'))}`,
      `              ${visible(join(output.report, 'report.json'))}`,
    ].join('\n'),
  ].join('\n\n');
}

function orderText({ order, settings }: PruneReport): string[] {
  if (!order || order.groups.length === 0) return [];
  const [before, after] = [order.kept.before, order.kept.after].map((share) => percent(share, 2));
  return [
    `Units stand in another order in ${plural(order.groups.length, 'group')}: of all scores, ${settings.pattern} would have kept ${before}, and keeps ${after}.`,
  ];
}

function besideText({ reconstruction }: PruneReport): string[] {
  if (!reconstruction?.added) return [];
  const { layers, nodes, parameters, bytes: size } = reconstruction.added;
  return [
    `${plural(nodes, 'node')} with ${count(parameters)} parameters (${bytes(size)}) stand beside ${plural(layers.length, 'layer')} now.`,
  ];
}

/** The layers of a dry run. */
export function planText({ model, layers, skipped }: PrunePlan): string {
  const pruned = textTable(
    [
      { title: 'layer' },
      { title: 'op' },
      { title: 'node' },
      { title: 'stored' },
      { title: 'region' },
      { title: 'sparsity', align: right },
    ],
    layers.map(({ name, op, node = '', shape, region = '', sparsity }) => [
      name,
      op,
      node,
      shapeText(shape),
      region,
      sparsity === undefined ? 'by scores' : percent(sparsity),
    ]),
  );
  const left = textTable(
    [{ title: 'left alone' }, { title: 'reason' }],
    skipped.map(({ name, reason }) => [name, reason]),
  );
  const title = `${visible(model)}: ${plural(layers.length, 'layer')} would be pruned`;
  return [title, pruned, ...(skipped.length > 0 ? [left] : [])].join('\n\n');
}

function* rows({ quality, selected, weights, model, timing }: PruneReport): Generator<readonly string[]> {
  if (quality) {
    const { metric, before, after } = quality;
    yield [metric, qualityText(quality, before), qualityText(quality, after), qualityChange(quality)];
  }
  yield ['sparsity of pruned layers', ...sparsities(selected)];
  yield ['sparsity of the model', ...sparsities(weights)];
  yield figureRow('non-zero weights', weights.before.nonZero, weights.after.nonZero, count);
  yield figureRow('file size', model.before.bytes, model.after.bytes, bytes);
  const [before, after] = [model.before.gzipBytes, model.after.gzipBytes];
  if (before !== undefined && after !== undefined) yield figureRow('size after gzip -6', before, after, bytes);
  if (timing.latency) {
    const { beforeMs, afterMs } = timing.latency;
    yield figureRow('median latency', beforeMs, afterMs, milliseconds);
  }
}

const sparsities = (counts: { readonly before: WeightCounts; readonly after: WeightCounts }): string[] =>
  [counts.before, counts.after].map((each) => percent(fractionZero(each)));

const figureRow = (title: string, before: number, after: number, text: (value: number) => string): string[] => [
  title,
  text(before),
  text(after),
  change(before, after),
];
