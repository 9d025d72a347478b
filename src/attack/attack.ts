/** Attack: what every attack is. */

import type { Range } from '../oracle/bounds.js';
import type { Space } from '../oracle/space.js';
import type { OptionSpecs, OptionValues } from '../settings/index.js';
import type { Measure, MeasureName } from './measures.js';
import type { Victim } from './victim.js';

/** What is kept small, for suites and tables. */
export type Family = 'sparse' | 'group' | 'linf' | 'l2' | 'l1';

export interface Attack<Specs extends OptionSpecs = OptionSpecs> {
  /** As the literature calls it. */
  readonly name: string;
  readonly family: Family;
  /** What it asks the model for: an attack that needs scores alone works on models without gradients. */
  readonly needs: 'gradients' | 'scores';
  /** Fewest classes it works with; default 2. */
  readonly classes?: (targeted: boolean) => number;
  /** Authors, title, arXiv id. */
  readonly paper: string;
  /** The box that the paper's constants are for: examples reach `run` scaled to it. */
  readonly range: Range;
  /** By what the best example of those found is kept; a function where options choose it. */
  readonly measure: MeasureName | ((options: OptionValues<Specs>) => MeasureName | Measure);
  /**
   * The option that bounds the change and is no goal of its own, for attacks that stay within a budget; with it the least budget
   * that suffices can be searched.
   */
  readonly budget?: keyof Specs & string;
  readonly options: Specs;
  /**
   * What the paper sets otherwise by the kind and size of the examples, the goal and other options.
   * @param asked what the user sets: it wins.
   */
  readonly defaults?: (
    space: Space,
    targeted: boolean,
    asked: Partial<OptionValues<Specs>>,
  ) => Partial<OptionValues<Specs>>;
  /**
   * Asks the victim for scores and gradients of points of its choice. Every point in the box that reaches the goal is a find, and the
   * victim keeps the best of them; nothing is returned.
   */
  run(victim: Victim, options: OptionValues<Specs>): Promise<void>;
}

/** Keeps the types of the options for `run`. */
export const attack = <const Specs extends OptionSpecs>(definition: Attack<Specs>): Attack<Specs> => definition;
