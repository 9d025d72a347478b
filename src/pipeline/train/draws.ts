/** The series of one training: labelled, unlabelled, validated on. */

import { type LabelledSeries, rowsOf } from '../../data/series.js';
import type { SeriesSets } from '../../data/series-sets/open.js';
import type { TrainingSeries } from '../../train/feeds.js';
import { drawLabels, sampleTest, splitValidation } from '../../train/splits.js';
import type { Draws } from './request.js';

export interface Drawn {
  readonly data: TrainingSeries;
  readonly validation: LabelledSeries;
}

/** A tenth of a second's worth of judging, and as many as the published protocol has. */
const usualValidation = 100;

/** @throws UserError when there are too few labels for what is asked. */
export function drawnFor(sets: SeriesSets, budget: number | 'all', seed: number, draws: Draws): Drawn {
  const { training, validation: given } = sets;
  const known = training.labels.filter((label) => label >= 0).length;
  const size = draws.validation ?? Math.min(usualValidation, Math.max(sets.classes.length, Math.floor(known / 5)));
  const split = given ? undefined : splitValidation(training.labels, size, { seed });
  const rows = split ? { rows: split.training } : {};
  const { labelled, unlabelled } = drawLabels(training.labels, budget, { seed, ...rows });
  return {
    data: { labelled: labelledRows(training, labelled), unlabelled: labelledRows(training, unlabelled) },
    validation: given
      ? draws.validation === undefined
        ? given
        : labelledRows(given, sampleTest(given.labels, draws.validation, { seed }))
      : labelledRows(training, split!.validation),
  };
}

/** The same for every seed, so that figures differ by training alone. */
export const testedOn = ({ test }: SeriesSets, { test: most }: Draws): LabelledSeries | undefined =>
  test && (most === undefined ? test : labelledRows(test, sampleTest(test.labels, most, { seed: 0 })));

const labelledRows = (series: LabelledSeries, rows: Uint32Array): LabelledSeries => ({
  ...rowsOf(series, rows),
  labels: Int32Array.from(rows, (row) => series.labels[row]!),
});
