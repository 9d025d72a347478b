/** spaces: what a search tries, options of the trainer and of the algorithm apart. An algorithm's own stand beside its options. */
import { type Distribution, logUniform, quantised, settle } from '../../settings/index.js';
import type { Algorithm } from '../algorithm.js';

export type Space = Readonly<Record<string, Distribution>>;

/** Goschenhofer et al. (arXiv 2102.03622): what every algorithm is searched over. */
const trainerSpace = {
  rate: logUniform(1e-6, 1e-3),
  weightDecay: logUniform(1e-7, 1e-3),
  /** N of RandAugment. */
  augmentations: quantised(1, 6, 1),
  /** M of RandAugment. */
  strength: quantised(1, 10, 1),
} satisfies Space;

export type TrainerOption = keyof typeof trainerSpace;

export interface Spaces {
  readonly trainer: Readonly<Partial<Record<TrainerOption, Distribution>>>;
  readonly algorithm: Space;
}

/** What one trial sets; options that are not searched are absent. */
export interface Settings {
  readonly trainer: Readonly<Partial<Record<TrainerOption, number>>>;
  readonly algorithm: Readonly<Record<string, number>>;
}

/** Names of options that are not to be searched, because the user has set them or the task has no use for them. */
export interface Held {
  readonly trainer?: readonly TrainerOption[];
  readonly algorithm?: readonly string[];
}

export function spacesFor(algorithm: Algorithm, held: Held = {}): Spaces {
  const { searchedRates: rate = trainerSpace.rate } = algorithm;
  const own = Object.entries(algorithm.options).flatMap(([name, spec]) =>
    'search' in spec ? [[name, spec.search] as const] : [],
  );
  return {
    trainer: without({ ...trainerSpace, rate }, held.trainer),
    algorithm: without(Object.fromEntries(own), held.algorithm),
  };
}

/** The defaults of what is searched, which a search tries first. @param trainer the trainer's own. */
export function usualSettings(
  algorithm: Algorithm,
  spaces: Spaces,
  trainer: Readonly<Record<TrainerOption, number>>,
): Settings {
  return { trainer: only(spaces.trainer, trainer), algorithm: only(spaces.algorithm, settle(algorithm)) };
}

const without = <T extends object>(space: T, names: readonly string[] = []): T =>
  Object.fromEntries(Object.entries(space).filter(([name]) => !names.includes(name))) as T;

/** Only numbers are searched. */
const only = (space: object, values: Readonly<Record<string, unknown>>): Record<string, number> =>
  Object.fromEntries(Object.keys(space).map((name) => [name, Number(values[name])]));
