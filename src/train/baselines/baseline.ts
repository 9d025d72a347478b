/** Baseline: what every method is that semi-supervised networks are compared with, and the chores around it. */

import type { LabelledSeries, Series } from '../../data/series.js';
import { UserError } from '../../errors.js';
import type { Graph } from '../../ir/types.js';
import { type GivenOptions, type OptionSpecs, type OptionValues, settle } from '../../settings/index.js';

export interface Baseline<Specs extends OptionSpecs = OptionSpecs> {
  /** As the catalogue has it. */
  readonly name: string;
  readonly description: string;
  /** Authors, title, where it appeared. */
  readonly paper: string;
  /** Whether `unlabelled` series move what is fitted. */
  readonly usesUnlabelled: boolean;
  readonly options: Specs;
  /**
   * The same for the same seed, series and options.
   * @param classes labels are below it; classes without series have their column of scores as well.
   * @throws UserError for no series, labels out of range, values that are not finite, unlabelled series of another shape, or an option
   * that it does not have.
   */
  fit(labelled: LabelledSeries, classes: number, context: FitContext): Promise<FittedBaseline>;
}

export interface FitContext {
  readonly seed: number;
  /** Threads of the runtime; default: its own. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  /** Series of unknown classes: of the shape of the labelled ones. */
  readonly unlabelled?: Series;
  /** What is to differ from the defaults. */
  readonly settings?: GivenOptions;
}

export interface FittedBaseline {
  /** [count, classes]: logarithms of probabilities, all finite. */
  scores(series: Series): Promise<Float32Array>;
  /** What serves it: from `input`, [batch, channels, length], and `lengths` where labelled series have them, to `logits`, [batch, classes]. */
  readonly graph?: Graph;
  /** [unlabelled, classes]: the same of the unlabelled series, from methods whose task is those. */
  readonly unlabelled?: Float32Array;
}

/** What a method fits on. */
export interface Task extends Omit<FitContext, 'settings'> {
  readonly labelled: LabelledSeries;
  readonly classes: number;
}

export interface BaselineDefinition<Specs extends OptionSpecs> extends Omit<Baseline<Specs>, 'fit'> {
  fit(task: Task, options: OptionValues<Specs>): Promise<FittedBaseline>;
}

/** A baseline that looks at what it is given before it fits. */
export function baseline<const Specs extends OptionSpecs>(definition: BaselineDefinition<Specs>): Baseline<Specs> {
  const { name } = definition;
  return {
    ...definition,
    async fit(labelled, classes, { settings = {}, ...context }) {
      check(name, labelled, classes, context.unlabelled);
      const fitted = await definition.fit({ ...context, labelled, classes }, settle(definition, settings));
      return {
        ...fitted,
        async scores(series) {
          checkShape(name, labelled, series);
          return series.count === 0 ? new Float32Array() : fitted.scores(series);
        },
      };
    },
  };
}

function check(name: string, labelled: LabelledSeries, classes: number, unlabelled: Series | undefined): void {
  if (labelled.count === 0) throw new UserError(name, 'expected labelled series, got none; label at least one');
  if (labelled.labels.length !== labelled.count) {
    const got = `${labelled.labels.length} for ${labelled.count}`;
    throw new UserError(name, `expected a label for each series, got ${got}; pass as many`);
  }
  const wrong = labelled.labels.find((label) => !(label >= 0 && label < classes));
  if (wrong !== undefined) {
    throw new UserError(name, `expected labels from 0 to ${classes - 1}, got ${wrong}; number the classes from 0 on`);
  }
  checkShape(name, labelled, labelled);
  if (unlabelled) checkShape(name, labelled, unlabelled);
}

function checkShape(name: string, like: Series, { channels, length, values }: Series): void {
  if (channels !== like.channels || length !== like.length) {
    throw new UserError(
      name,
      `expected series of [${like.channels}, ${like.length}], got [${channels}, ${length}]; bring all to one shape`,
    );
  }
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    const row = Math.floor(at / (channels * length));
    throw new UserError(
      name,
      `expected finite values, got ${values[at]} in series ${row}; fill in or leave out what is missing`,
    );
  }
}
