/** What `scalpel train` says at its end: the figures by number of labels, and where things are. */
import { join } from 'node:path';
import { count, plural } from '../report/format.js';
import { textTable } from '../report/table.js';
import { type FigureName, figureKinds, spreadText } from '../report/train-figures.js';
import type { TrainBudget, TrainReport } from '../report/train-report.js';
import { baselinesOf, measuredOn, trainVerdict } from '../report/train-verdict.js';
import { warningsOf } from '../report/train-warnings.js';
import { visible } from '../report/visible.js';

const shown: readonly FigureName[] = ['weightedAuc', 'accuracy', 'macroF1', 'calibrationError'];
/** Models named one by one. */
const mostModels = 3;

/** @param folder where the report is. */
export function trainText(report: TrainReport, folder: string): string {
  const { data, cells, algorithm } = report;
  const { counts, classes } = data;
  return [
    visible(
      `${algorithm.name} on ${data.description}: ${plural(cells.length, 'training')}; ${count(classes.length)} classes; ${count(counts.training)} series for training, ${count(counts.validation)} for validation, ${count(counts.test)} for test`,
    ),
    report.budgets.length > 0 ? budgetTable(report) : '',
    visible(trainVerdict(report)),
    warningsOf(report)
      .map((text) => visible(`warning: ${text}`))
      .join('\n'),
    files(report, folder),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function budgetTable(report: TrainReport): string {
  const baselines = baselinesOf(report);
  const methods = [{ name: report.algorithm.name, budgets: report.budgets }, ...baselines];
  const known = shown.filter((name) => methods.some(({ budgets }) => budgets.some(({ figures }) => figures[name])));
  const rows = methods
    .flatMap(({ name, budgets }) => budgets.map((budget) => ({ name, ...budget })))
    .sort((a, b) => a.labels - b.labels);
  const right = (title: string) => ({ title, align: 'right' }) as const;
  return textTable(
    [
      right('labels'),
      ...(baselines.length > 0 ? [{ title: 'method', maxWidth: 28 }] : []),
      ...known.map((name) => right(`${figureKinds[name].title}${name === known[0] ? `, ${measuredOn(report)}` : ''}`)),
      right('seeds'),
    ],
    rows.map(({ name, labels, figures }, i) => [
      rows[i - 1]?.labels === labels ? '' : count(labels),
      ...(baselines.length > 0 ? [name] : []),
      ...known.map((figure) => spreadText(figure, figures[figure])),
      count(seedsOf(figures)),
    ]),
  );
}

const seedsOf = (figures: TrainBudget['figures']): number => Math.max(0, ...Object.values(figures).map(({ n }) => n));

function files({ cells }: TrainReport, folder: string): string {
  const models = cells.flatMap(({ model }) => model?.path ?? []);
  const rest = models.length - mostModels;
  const named = rest > 1 ? [...models.slice(0, mostModels), `and ${count(rest)} more`] : models;
  const lines = [
    ...named.map((path, i) => [i > 0 ? '' : models.length > 1 ? 'models' : 'model', path]),
    ['report', join(folder, 'report.html')],
    ['', join(folder, 'report.json')],
  ];
  return lines.map(([what = '', path = '']) => `${what.padEnd(8)}${visible(path)}`).join('\n');
}
