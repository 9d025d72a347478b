/** The document of `eval` as text for the terminal. */
import type { Classification, ClassReport } from '../evaluate/classification.js';
import type { EvalDocument } from '../pipeline/eval/request.js';
import { count, figure, percent } from '../report/format.js';
import { textTable } from '../report/table.js';
import { visible } from '../report/visible.js';

export function evalText(document: EvalDocument): string {
  const title = visible(`${document.model} on ${document.data.description}`);
  const figures = textTable([{ title: 'figure' }, { title: 'value', align: 'right' }], [...rows(document)]);
  if (document.metric === 'perplexity') return [title, figures].join('\n\n');
  const notes = document.notes.map((note) => visible(`note: ${note}`)).join('\n');
  return [title, figures, ...classTables(document), notes].filter(Boolean).join('\n\n');
}

function* rows(document: EvalDocument): Generator<readonly string[]> {
  if (document.metric === 'perplexity') {
    yield ['perplexity', figure(document.perplexity)];
    yield ['loss per token (nats)', figure(document.nll)];
    yield ['tokens', count(document.tokens)];
    yield ['windows', count(document.windows)];
    yield ['tokens per window', count(document.seqLen)];
  } else {
    yield* classifierRows(document);
  }
  yield ['provider', document.provider];
}

function* classifierRows(figures: Classification): Generator<readonly string[]> {
  yield ['top-1', percent(figures.top1, 2)];
  if (figures.top5 !== undefined) yield ['top-5', percent(figures.top5, 2)];
  if (figures.auc) {
    yield ['AUC, one class against the rest, macro', percent(figures.auc.macro, 2)];
    yield ['AUC, weighted by samples', percent(figures.auc.weighted, 2)];
    yield ['AUC, one class against another, macro', percent(figures.auc.oneVersusOne, 2)];
  }
  yield ['F1, macro', percent(figures.f1.macro, 2)];
  yield ['F1, weighted by samples', percent(figures.f1.weighted, 2)];
  yield ['F1, micro', percent(figures.f1.micro, 2)];
  yield ['log loss (nats)', figure(figures.logLoss)];
  yield ['expected calibration error', percent(figures.expectedCalibrationError, 2)];
  yield ['classes', count(figures.classes)];
  yield ['samples', count(figures.samples)];
}

/** More would not be read in a terminal; the JSON document has them all. */
const mostClasses = 30;
const mostColumns = 15;

function classTables({ perClass, confusion }: Classification): string[] {
  const number = (title: string) => ({ title, align: 'right' }) as const;
  if (perClass.length > mostClasses) return [`${count(perClass.length)} classes: the figures of each are in --json`];
  const columns = ['samples', 'predicted', 'precision', 'recall', 'F1', 'AUC'].map(number);
  const each = textTable([{ title: 'class', maxWidth: 24 }, ...columns], perClass.map(classRow));
  if (!confusion || confusion.length > mostColumns) return [each];
  const names = perClass.map(({ name }) => name);
  const taken = names.map((name) => ({ title: name.slice(0, 8), align: 'right', maxWidth: 8 }) as const);
  const matrix = textTable(
    [{ title: 'class \\ predicted', maxWidth: 24 }, ...taken],
    confusion.map((row, c) => [names[c] as string, ...row.map(count)]),
  );
  return [each, matrix];
}

function classRow({ name, support, predicted, precision, recall, f1, auc }: ClassReport): readonly string[] {
  const share = (value: number | undefined): string => (value === undefined ? '' : percent(value));
  return [name, count(support), count(predicted), share(precision), share(recall), share(f1), share(auc)];
}
