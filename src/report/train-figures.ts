/** The figures that trainings are told by: what each is called, where it stands, how it is written, and its spread over seeds. */
import type { Classification } from '../evaluate/classification.js';
import { figure, percent } from './format.js';
import type { FigureSpread, TrainBudget, TrainCell, TrainFigures } from './train-report.js';

interface FigureKind {
  readonly title: string;
  readonly of: (figures: TrainFigures) => number | undefined;
  readonly unit: 'share' | 'percent' | 'nats';
}

export const figureKinds = {
  weightedAuc: { title: 'weighted AUC', of: ({ auc }) => auc?.weighted, unit: 'share' },
  macroAuc: { title: 'macro AUC', of: ({ auc }) => auc?.macro, unit: 'share' },
  accuracy: { title: 'accuracy', of: ({ accuracy }) => accuracy, unit: 'percent' },
  macroF1: { title: 'macro F1', of: ({ f1 }) => f1.macro, unit: 'percent' },
  microF1: { title: 'micro F1', of: ({ f1 }) => f1.micro, unit: 'percent' },
  weightedF1: { title: 'weighted F1', of: ({ f1 }) => f1.weighted, unit: 'percent' },
  logLoss: { title: 'log loss', of: ({ logLoss }) => logLoss, unit: 'nats' },
  calibrationError: { title: 'calibration error', of: (each) => each.expectedCalibrationError, unit: 'percent' },
} as const satisfies Record<string, FigureKind>;

export type FigureName = keyof typeof figureKinds;

const names = Object.keys(figureKinds) as FigureName[];

/** The figures of one classifier as they stand in the document. */
export const trainFigures = (measured: Classification, series: number): TrainFigures => ({
  series,
  ...(measured.auc && { auc: { weighted: measured.auc.weighted, macro: measured.auc.macro } }),
  accuracy: measured.top1,
  // each series has one class and gets one: micro-averaged precision, recall and F1 are the accuracy
  f1: { macro: measured.f1.macro, micro: measured.top1, weighted: measured.f1.weighted },
  logLoss: measured.logLoss,
  expectedCalibrationError: measured.expectedCalibrationError,
});

/** Mean and deviation over seeds by number of labels: of the test series, or where there are none of the validation series. */
export function budgetsOf(cells: readonly TrainCell[]): TrainBudget[] {
  const done = cells.filter(({ status }) => status === 'done');
  const tested = done.flatMap(({ labels, test }) => (test ? [{ labels, test }] : []));
  if (tested.length > 0) return spreadsOf(tested);
  return spreadsByLabels(
    done.flatMap(({ labels, validation }) =>
      validation
        ? [
            {
              labels,
              figures: {
                weightedAuc: validation.auc,
                accuracy: validation.accuracy,
                logLoss: validation.logLoss,
              },
            },
          ]
        : [],
    ),
  );
}

/** The same of any classifiers that were tested. */
export const spreadsOf = (tested: readonly { readonly labels: number; readonly test: TrainFigures }[]): TrainBudget[] =>
  spreadsByLabels(
    tested.map(({ labels, test }) => ({
      labels,
      figures: Object.fromEntries(names.map((name) => [name, figureKinds[name].of(test)])),
    })),
  );

interface Measured {
  readonly labels: number;
  readonly figures: Partial<Record<FigureName, number | undefined>>;
}

function spreadsByLabels(measured: readonly Measured[]): TrainBudget[] {
  const budgets = [...new Set(measured.map(({ labels }) => labels))].sort((a, b) => a - b);
  return budgets.map((labels) => {
    const own = measured.filter((each) => each.labels === labels);
    const figures = names.flatMap((name) => {
      const values = own.flatMap((each) => each.figures[name] ?? []);
      return values.length > 0 ? [[name, spreadOf(values)] as const] : [];
    });
    return { labels, figures: Object.fromEntries(figures) };
  });
}

/** @param values at least one. */
export function spreadOf(values: readonly number[]): FigureSpread {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n === 1) return { mean, n };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (n - 1)), n };
}

/** `0.912`, `85.2 %`. */
export const figureText = (name: FigureName, value: number): string => {
  const { unit } = figureKinds[name];
  return unit === 'percent' ? percent(value) : value < 100 ? value.toFixed(3) : figure(value);
};

/** `0.912 ± 0.010`, `85.2 ± 1.1 %`; of one seed its value alone. */
export function spreadText(name: FigureName, spread: FigureSpread | undefined): string {
  if (!spread) return '—';
  const { mean, deviation } = spread;
  if (deviation === undefined) return figureText(name, mean);
  const head = figureKinds[name].unit === 'percent' ? (100 * mean).toFixed(1) : figureText(name, mean);
  // the two stay on one line
  return `${head}\u00a0±\u00a0${figureText(name, deviation)}`;
}
