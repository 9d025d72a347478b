/** The series of one training: labelled, unlabelled, validated on. */

import { type LabelledSeries, rowsOf } from '../../data/series.js';
import type { SeriesSets } from '../../data/series-sets/open.js';
import { algorithmNamed } from '../../train/algorithms/index.js';
import { checkUnlabelled, drawLabels, type LabelDraw, sampleTest, splitValidation } from '../../train/splits.js';
import type { TrainingSeries } from '../../train/step/feeds.js';
import { cellsOf } from './places.js';
import type { Draws, TrainRequest } from './request.js';

export interface Drawn {
  readonly data: TrainingSeries;
  readonly validation: LabelledSeries;
}

/** A tenth of a second's worth of judging, and as many as the published protocol has. */
const usualValidation = 100;

/** @throws UserError when there are too few labels for what is asked. */
export function drawnFor(sets: SeriesSets, budget: number | 'all', seed: number, draws: Draws): Drawn {
  const { training, validation: given } = sets;
  const { labelled, unlabelled, validation } = rowsFor(sets, budget, seed, draws);
  return {
    data: { labelled: labelledRows(training, labelled), unlabelled: labelledRows(training, unlabelled) },
    validation: labelledRows(given ?? training, validation),
  };
}

/**
 * Looks at the draws of all trainings before the first one is begun.
 * @throws UserError when there are too few labels for one of them, or no unlabelled series for an algorithm that needs some.
 */
export function checkDraws(sets: SeriesSets, request: Pick<TrainRequest, 'draws' | 'algorithm'>): void {
  const { name, needsUnlabelled = true } = algorithmNamed(request.algorithm);
  for (const { budget, seed } of cellsOf(request)) {
    const rows = rowsFor(sets, budget, seed, request.draws);
    if (needsUnlabelled) checkUnlabelled(rows, name);
  }
}

interface DrawnRows extends LabelDraw {
  /** Of the validation set where there is one, else of the training set. */
  readonly validation: Uint32Array;
}

function rowsFor(
  { training, validation, classes }: SeriesSets,
  budget: number | 'all',
  seed: number,
  draws: Draws,
): DrawnRows {
  const { labels } = training;
  if (validation) {
    const most = draws.validation ?? validation.count;
    return { ...drawLabels(labels, budget, { seed }), validation: sampleTest(validation.labels, most, { seed }) };
  }
  const known = labels.filter((label) => label >= 0).length;
  const usual = Math.min(usualValidation, Math.max(classes.length, Math.floor(known / 5)));
  const split = splitValidation(labels, draws.validation ?? usual, { seed });
  return { ...drawLabels(labels, budget, { seed, rows: split.training }), validation: split.validation };
}

/** The same for every seed, so that figures differ by training alone. */
export const testedOn = ({ test }: SeriesSets, { test: most }: Draws): LabelledSeries | undefined =>
  test && (most === undefined ? test : labelledRows(test, sampleTest(test.labels, most, { seed: 0 })));

const labelledRows = (series: LabelledSeries, rows: Uint32Array): LabelledSeries => ({
  ...rowsOf(series, rows),
  labels: Int32Array.from(rows, (row) => series.labels[row]!),
});
