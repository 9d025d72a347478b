/** Explainer: what every method for counterfactuals is. */
import type { OptionSpecs, OptionValues } from '../settings/index.js';
import type { Case } from './case.js';

/** What a method must be given besides the model and the instances. */
export type Need = 'reference' | 'autoencoder' | 'encoder' | 'variational autoencoder' | 'flow';

/** What is known before a search. */
export interface Facts extends Pick<Case, 'size' | 'space' | 'features' | 'reference'> {
  /** How many counterfactuals of each instance are asked for. */
  readonly several: number;
}

export interface Explainer<Specs extends OptionSpecs = OptionSpecs> {
  /** As the literature calls it. */
  readonly name: string;
  /** Authors, title, arXiv id. */
  readonly paper: string;
  /** What it asks the model for: a method that needs scores alone works on models without gradients. */
  readonly asks: 'gradients' | 'scores';
  /** What it cannot do without, by its options. */
  readonly needs?: (options: OptionValues<Specs>) => readonly Need[];
  readonly options: Specs;
  /** What is usual otherwise for these instances. @param asked what the user sets: it wins. */
  readonly defaults?: (facts: Facts, asked: Partial<OptionValues<Specs>>) => Partial<OptionValues<Specs>>;
  /**
   * Asks the case for scores and gradients of points of its choice, and proposes what it finds. Every allowed point that reaches the
   * goal is a find, and the case keeps the best of them; nothing is returned.
   */
  run(asked: Case, options: OptionValues<Specs>): Promise<void>;
}

/** Keeps the types of the options for `run`. */
export const explainer = <const Specs extends OptionSpecs>(definition: Explainer<Specs>): Explainer<Specs> =>
  definition;
