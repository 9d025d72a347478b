/** The tables of a report on training: by number of labels, every training, the classes of one. */
import { count, duration, percent, plural } from './format.js';
import { type Html, html } from './html.js';
import { bar, type Column, code, dataTable, folded, hash } from './parts.js';
import { type FigureName, figureKinds, figureText, spreadText } from './train-figures.js';
import type { ChosenCell, ClassRow, TrainBudget, TrainCell, TrainReport } from './train-report.js';
import { baselinesOf, measuredOn } from './train-verdict.js';
import { optional } from './words.js';

interface BudgetRow {
  readonly labels: number;
  readonly method: string;
  readonly isOwn: boolean;
  readonly figures: TrainBudget['figures'];
}

/** The figures that stand side by side at first sight. */
const main: readonly FigureName[] = ['weightedAuc', 'accuracy', 'macroF1', 'logLoss', 'calibrationError'];
/** Micro F1 is the accuracy where each series has one class: the document has both. */
const further: readonly FigureName[] = ['weightedAuc', 'macroAuc', 'accuracy', 'macroF1', 'weightedF1'];

/** The trainings and their baselines by number of labels; the best mean of each number stands out. */
export function budgetTables(report: TrainReport): Html {
  const own = report.budgets.map((budget) => ({ ...budget, method: report.algorithm.name, isOwn: true }));
  const others = baselinesOf(report).flatMap(({ name, budgets }) =>
    budgets.map((budget) => ({ ...budget, method: name, isOwn: false })),
  );
  const rows: BudgetRow[] = [...own, ...others].sort((a, b) => a.labels - b.labels);
  const isFurther = rows.some(({ figures }) => figures.macroAuc ?? figures.weightedF1);
  return html`${budgetTable(main, rows, report)}${isFurther && folded('Further figures', budgetTable(further, rows, report))}`;
}

function budgetTable(names: readonly FigureName[], rows: readonly BudgetRow[], report: TrainReport): Html {
  const on = measuredOn(report);
  const isCompared = rows.some(({ isOwn }) => !isOwn);
  const isSpread = rows.some(({ figures }) => seedsOf(figures) > 1);
  const columns: Column<BudgetRow>[] = [
    { title: 'labels', cell: ({ labels }) => count(labels), kind: 'name' },
    ...(isCompared
      ? [{ title: 'method', cell: ({ method, isOwn }: BudgetRow) => (isOwn ? strong(method) : method) }]
      : []),
    ...names
      .filter((name) => rows.some(({ figures }) => figures[name]))
      .map(
        (name): Column<BudgetRow> => ({
          title: figureKinds[name].title,
          cell: (row) => {
            const text = spreadText(name, row.figures[name]);
            return isBest(name, row, rows) ? strong(text) : text;
          },
          kind: 'number',
        }),
      ),
    { title: 'seeds', cell: ({ figures }) => count(seedsOf(figures)), kind: 'number' },
  ];
  const where = `on ${count(report.data.counts[on ?? 'test'])} ${on} series`;
  return dataTable(
    `${isSpread ? 'Means and standard deviations over seeds, ' : 'Figures '}${where}${isCompared ? '; the best of each number of labels in bold' : ''}`,
    columns,
    rows,
    { long: rows.length > 30 },
  );
}

const strong = (text: string): Html => html`<strong>${text}</strong>`;

const seedsOf = (figures: TrainBudget['figures']): number => Math.max(0, ...Object.values(figures).map(({ n }) => n));

function isBest(name: FigureName, { labels, figures }: BudgetRow, rows: readonly BudgetRow[]): boolean {
  const sign = name === 'logLoss' || name === 'calibrationError' ? -1 : 1;
  const own = figures[name];
  const rivals = rows.filter((row) => row.labels === labels && row.figures[name]);
  return (
    own !== undefined && rivals.length > 1 && rivals.every((row) => sign * own.mean >= sign * row.figures[name]!.mean)
  );
}

/** One training a row. */
export function cellTable({ cells, timing }: TrainReport): Html {
  const seconds = ({ labels, seed }: TrainCell): number | undefined =>
    timing.cells.find((each) => each.labels === labels && each.seed === seed)?.seconds;
  const known = (present: (cell: TrainCell) => unknown, column: Column<TrainCell>): Column<TrainCell>[] =>
    cells.some((cell) => present(cell) !== undefined) ? [column] : [];
  return dataTable<TrainCell>(
    plural(cells.length, 'training'),
    [
      { title: 'labels', cell: ({ labels }) => count(labels), kind: 'name' },
      { title: 'seed', cell: ({ seed }) => String(seed), kind: 'number' },
      { title: 'steps', cell: (cell) => steps(cell), kind: 'number' },
      ...known(({ bestStep }) => bestStep, {
        title: 'best step',
        cell: ({ bestStep }) => optional(bestStep, count),
        kind: 'number',
      }),
      ...known(({ validation }) => validation?.auc, {
        title: 'validation AUC',
        cell: ({ validation }) => optional(validation?.auc, (value) => figureText('weightedAuc', value)),
        kind: 'number',
      }),
      ...known(({ test }) => test?.auc, {
        title: 'test AUC',
        cell: ({ test }) => optional(test?.auc?.weighted, (value) => figureText('weightedAuc', value)),
        kind: 'number',
      }),
      ...known(({ test, validation }) => test ?? validation, {
        title: 'accuracy',
        cell: ({ test, validation }) => optional((test ?? validation)?.accuracy, (value) => percent(value)),
        kind: 'number',
      }),
      { title: 'time', cell: (cell) => optional(seconds(cell), duration), kind: 'number' },
      ...known(({ model }) => model, {
        title: 'model',
        cell: ({ model }) => (model ? [code(model.path), ' ', hash(model.sha256)] : '—'),
        kind: 'words',
      }),
    ],
    cells,
    { long: cells.length > 24 },
  );
}

function steps({ status, steps: made, stoppedEarly, reason }: TrainCell): Html {
  if (status !== 'done')
    return html`<span class="bad"${reason !== undefined && html` title="${reason}"`}>${status} at ${count(made)}</span>`;
  return html`${count(made)}${stoppedEarly && html`<span class="soft">, stopped early</span>`}`;
}

export function classTable({ perClass, on }: ChosenCell, { data }: TrainReport): Html {
  const share = (value: number | undefined): string => optional(value, (each) => percent(each));
  return dataTable<ClassRow>(
    `${count(perClass.length)} classes on the ${on} series`,
    [
      { title: 'class', cell: ({ name }) => name, kind: 'name' },
      {
        title: 'in training data',
        cell: ({ name }) => optional(data.classes.find((each) => each.name === name)?.training, count),
        kind: 'number',
      },
      { title: `${on} series`, cell: ({ support }) => count(support), kind: 'number' },
      { title: 'taken for it', cell: ({ predicted }) => count(predicted), kind: 'number' },
      { title: 'precision', cell: ({ precision }) => share(precision), kind: 'number' },
      { title: 'recall', cell: ({ recall }) => share(recall), kind: 'number' },
      { title: 'F1', cell: ({ f1 }) => [share(f1), f1 !== undefined && bar(f1)], kind: 'number' },
      { title: 'AUC', cell: ({ auc }) => optional(auc, (value) => figureText('weightedAuc', value)), kind: 'number' },
    ],
    perClass,
    { long: perClass.length > 24 },
  );
}
