/** All figures of a classifier on labelled samples, from one pass over them. */
import type { Samples } from '../data/samples.js';
import { UserError } from '../errors.js';
import type { Graph } from '../ir/types.js';
import { type Accuracy, hitCounter, predictedClass } from './accuracy.js';
import { type Auc, oneVersusOneAuc, oneVersusRestAuc } from './auc.js';
import { calibrationError } from './calibration-error.js';
import { logLossOf, logOdds, logProbabilities } from './class-probabilities.js';
import { checkLabel, checkScores, type ScoredSample, type ScoreKind, scoreSamples } from './class-scores.js';
import { type ClassFigures, confusion, type F1, f1Of } from './confusion.js';
import type { EvaluationOptions } from './perplexity.js';

export interface ClassReport extends ClassFigures {
  /** What the data call the class, or else its number. */
  readonly name: string;
  /** Against all other classes; absent where it is undefined or was not computed. */
  readonly auc?: number;
}

export interface Classification extends Accuracy {
  /** Absent where no class has one, or where scores are too many to rank (said in `notes`). */
  readonly auc?: Pick<Auc, 'macro' | 'weighted'> & {
    /** Mean over all pairs of classes. */
    readonly oneVersusOne: number;
  };
  readonly f1: F1;
  /** Mean of the negative logarithm of the probability given to the right class, in nats. */
  readonly logLoss: number;
  /** In [0, 1], over 15 bins. */
  readonly expectedCalibrationError: number;
  /** What the model's numbers were taken for. */
  readonly scores: ScoreKind;
  readonly perClass: readonly ClassReport[];
  /** A row for each class, a column for each class it was taken for; absent beyond 100 classes. */
  readonly confusion?: readonly (readonly number[])[];
  /** What a reader of the figures should know. */
  readonly notes: readonly string[];
}

/** Scores held for ranking: 256 MiB. */
const mostScores = 2 ** 26;
const largestMatrix = 100;

/**
 * Top-1 and top-5, AUC, F1, log loss and calibration error. Logits become probabilities by softmax, a single one by the logistic function;
 * outputs of a Softmax are taken as they are, those of a Sigmoid for each class are divided by their sum.
 * @throws UserError when labels are missing or out of range, or when a score is not a number.
 */
export async function classification(
  graph: Graph,
  samples: Samples,
  options: EvaluationOptions = {},
): Promise<Classification> {
  const tally = tallyFor(samples);
  const { classes, kind } = await scoreSamples(graph, samples, options, tally.add);
  return tally.figures(classes, kind);
}

/**
 * The same figures from scores at hand, such as those of a model in training.
 * @param scores logits [labels.length, classes]. @param labels class numbers from 0. @param names of the classes, by number.
 * @throws UserError when a label is none of the classes, or a score is not a number.
 */
export function classificationOf(
  scores: Float32Array,
  labels: Int32Array,
  classes: number,
  names?: readonly string[],
): Classification {
  if (labels.length === 0 || scores.length !== labels.length * classes || classes < 2) {
    throw new UserError(
      'accuracy',
      `expected logits of at least 1 sample and 2 classes, here ${labels.length} x ${classes}, got ${scores.length} numbers; give one for each`,
    );
  }
  const tally = tallyFor({ count: labels.length, labels, ...(names && { classes: names }) });
  for (const [sample, label] of labels.entries()) {
    const own = scores.subarray(sample * classes, (sample + 1) * classes);
    checkScores(own, sample);
    tally.add({ scores: own, label: checkLabel(label, classes, sample), classes, sample }, 'logits');
  }
  return tally.figures(classes, 'logits');
}

function tallyFor({ count, labels, classes: names }: Pick<Samples, 'count' | 'labels' | 'classes'>) {
  const hits = hitCounter();
  const confidence = calibrationError();
  let table: ReturnType<typeof confusion> | undefined;
  let odds: Float32Array | undefined;
  let [loss, width] = [0, 0];
  return {
    add(scored: ScoredSample, kind: ScoreKind): void {
      const { scores, classes, label, sample } = scored;
      width = scores.length;
      const predicted = predictedClass(scored, kind);
      const logs = logProbabilities(scores, kind);
      table ??= confusion(classes);
      if (count * classes <= mostScores) odds ??= new Float32Array(count * classes);
      hits.add(scored, kind);
      table.add(label, predicted);
      confidence.add(Math.exp(logs[predicted]!), predicted === label);
      loss += logLossOf(logs[label]!, kind);
      odds?.set(logOdds(logs), sample * classes);
    },
    figures(classes: number, kind: ScoreKind): Classification {
      const auc = odds && oneVersusRestAuc(odds, labels ?? [], classes);
      const oneVersusOne = odds && oneVersusOneAuc(odds, labels ?? [], classes);
      const perClass = (table ?? confusion(classes)).perClass();
      return {
        ...hits.figures(count, classes),
        ...(auc && oneVersusOne !== undefined && { auc: { macro: auc.macro, weighted: auc.weighted, oneVersusOne } }),
        f1: f1Of(perClass),
        logLoss: loss / count,
        expectedCalibrationError: confidence.figure(),
        scores: kind,
        perClass: perClass.map((figures, c) => reportOf(figures, names?.[c] ?? String(c), auc?.perClass[c])),
        ...(classes <= largestMatrix && table && { confusion: table.matrix() }),
        notes: [...notesOf(perClass, names, kind === 'independent' && width > 1, odds !== undefined)],
      };
    },
  };
}

const reportOf = (figures: ClassFigures, name: string, auc: number | undefined): ClassReport => ({
  name,
  ...figures,
  ...(auc !== undefined && { auc }),
});

function* notesOf(
  perClass: readonly ClassFigures[],
  names: readonly string[] | undefined,
  isDivided: boolean,
  isRanked: boolean,
): Generator<string> {
  const classes = perClass.length;
  const absent = perClass.filter(({ support }) => support === 0).length;
  if (names && names.length < classes) yield `the labels know ${names.length} of the model's ${classes} classes`;
  if (absent > 0) {
    yield `${absent} of ${classes} classes ${absent === 1 ? 'has' : 'have'} no samples: left out of the AUC, and of the F1 unless predicted`;
  }
  if (!isRanked) yield `no AUC: more than ${mostScores} scores`;
  if (isDivided)
    yield 'the scores of a Sigmoid for each class are divided by their sum for log loss, AUC and calibration error';
  if (classes > largestMatrix) yield `no confusion matrix: more than ${largestMatrix} classes`;
}
