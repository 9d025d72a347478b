/** First: the search for the best of each instance, which alternatives are found beside. */
import type { Limits } from '../../oracle/trial.js';
import type { Case } from '../case.js';
import type { CaseOptions } from '../case-of.js';
import type { Stored } from '../stored.js';

/** The same method on some of the instances, by their places, once more. */
export type Search = (
  places: readonly number[],
  options: CaseOptions & { readonly limits?: Limits | undefined },
) => Promise<{ readonly asked: Case }>;

export interface First {
  readonly asked: Case;
  readonly places: readonly number[];
  /** Of each row what was found; undefined where nothing was. */
  readonly found: readonly (Stored | undefined)[];
  /** When the search began, as `performance.now` says. */
  readonly started: number;
  readonly limits?: Limits | undefined;
}
