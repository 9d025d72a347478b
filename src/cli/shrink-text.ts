/** What `scalpel shrink` says at its end: the figures before and after, the groups, and where things are. */
import { join } from 'node:path';
import type { ShrinkDryRun } from '../pipeline/dry-run/shrink.js';
import type { OutputRequest } from '../pipeline/prune/request.js';
import { bytes, change, count, figure, milliseconds, plural, shapeText } from '../report/format.js';
import { qualityChange, qualityText } from '../report/prune-verdict.js';
import type { GroupReport, ShrinkReport } from '../report/shrink-report.js';
import { areBlocks, shrinkVerdict } from '../report/shrink-verdict.js';
import { textTable } from '../report/table.js';
import { visible } from '../report/visible.js';

const right = 'right';

export function shrinkText(report: ShrinkReport, output: OutputRequest): string {
  const columns = [
    { title: 'figure' },
    ...['before', 'after', 'change'].map((title) => ({ title, align: right }) as const),
  ];
  return [
    shrinkVerdict(report),
    textTable(columns, [...rows(report)]),
    groupTable(report.groups),
    ...(report.warnings.length > 0
      ? [report.warnings.map((warning) => `warning: ${visible(warning)}`).join('\n')]
      : []),
    [
      `shrunk model  ${visible(output.model)}`,
      `report        ${visible(join(output.report, 'report.html'))}`,
      `              ${visible(join(output.report, 'report.json'))}`,
    ].join('\n'),
  ].join('\n\n');
}

/** The groups of a dry run, and what keeps its shape. */
export function shrinkPlanText({ model, groups, left }: Pick<ShrinkDryRun, 'model' | 'groups' | 'left'>): string {
  const kept = textTable(
    [{ title: 'left alone' }, { title: 'node' }, { title: 'shape' }, { title: 'reason' }],
    left.map(({ name, node = '', shape, reason }) => [name, node, shapeText(shape), reason]),
  );
  const found = areBlocks(groups)
    ? `${groups.length} ${groups[0]!.kind}`
    : `${plural(groups.length, 'group')} of units`;
  const title = `${visible(model)}: ${found} that could go`;
  return [title, groupTable(groups), ...(left.length > 0 ? [kept] : [])].join('\n\n');
}

const groupTable = (groups: readonly GroupReport[]): string =>
  areBlocks(groups) ? blockTable(groups) : unitTable(groups);

function blockTable(groups: readonly GroupReport[]): string {
  const [{ kind }] = groups as [GroupReport];
  const scored = groups.some(({ score }) => score !== undefined);
  return textTable(
    [
      { title: `${kind}, by their first weight` },
      { title: 'node' },
      { title: 'weights', align: right },
      ...(scored ? [{ title: 'score', align: right } as const, { title: 'outcome' }] : []),
    ],
    groups.map(({ name, node = '', left, weights, score }) => [
      name,
      node,
      count(weights),
      ...(scored ? [figure(score!), left ? 'stays' : 'went'] : []),
    ]),
  );
}

/** Before it is decided, no group has fewer left. */
function unitTable(groups: readonly GroupReport[]): string {
  const isDecided = groups.some(({ units, left }) => left < units);
  const numbers = [isDecided ? 'before' : 'units', ...(isDecided ? ['left'] : []), 'weights a unit'];
  return textTable(
    [
      ...[{ title: 'made by' }, { title: 'node' }, { title: 'kind' }],
      ...numbers.map((title) => ({ title, align: right }) as const),
    ],
    groups.map(({ name, node = '', kind, units, left, weights }) => [
      ...[name, node, kind],
      ...[units, ...(isDecided ? [left] : []), weights].map(count),
    ]),
  );
}

function* rows({ quality, parameters, multiplications, model, timing }: ShrinkReport): Generator<readonly string[]> {
  const row = (title: string, before: number, after: number, text: (value: number) => string): string[] => [
    title,
    text(before),
    text(after),
    change(before, after),
  ];
  if (quality) {
    const { metric, before, after } = quality;
    yield [metric, qualityText(quality, before), qualityText(quality, after), qualityChange(quality)];
  }
  yield row('parameters', parameters.before, parameters.after, count);
  yield row('multiplications', multiplications.before, multiplications.after, count);
  yield row('file size', model.before.bytes, model.after.bytes, bytes);
  if (timing.latency) yield row('median latency', timing.latency.beforeMs, timing.latency.afterMs, milliseconds);
}
