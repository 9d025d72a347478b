/** spaces: what a search tries, settings of the trainer and options of the algorithm apart; the latter stand beside the options themselves. */
import { type Distribution, logUniform, quantised, settle } from '../../settings/index.js';
import type { Algorithm } from '../algorithm.js';
import type { TrainingSettings } from '../settings.js';

export type Space = Readonly<Record<string, Distribution>>;

/** Goschenhofer et al. (arXiv 2102.03622): what every algorithm is searched over. */
const trainerSpace = {
  rate: logUniform(1e-6, 1e-3),
  weightDecay: logUniform(1e-7, 1e-3),
  /** N of RandAugment. */
  augmentations: quantised(1, 6, 1),
  /** M of RandAugment; 0 is none. */
  strength: quantised(0, 10, 1),
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

/** Names of options that are not searched, because the user has set them. */
export interface Held {
  readonly trainer?: readonly TrainerOption[];
  readonly algorithm?: readonly string[];
}

/** @param training the settings without a search: where the view that is varied is no RandAugment, it stays as it is. */
export function spacesFor(algorithm: Algorithm, training: TrainingSettings, held: Held = {}): Spaces {
  const rate = algorithm.search?.rate ?? trainerSpace.rate;
  const views: readonly TrainerOption[] = randAugmentOf(algorithm, training) ? [] : ['augmentations', 'strength'];
  const own = Object.entries(algorithm.options).flatMap(([name, spec]) =>
    'search' in spec && spec.search ? [[name, spec.search] as const] : [],
  );
  return {
    trainer: without({ ...trainerSpace, rate }, [...views, ...(held.trainer ?? [])]),
    algorithm: without(Object.fromEntries(own), held.algorithm ?? []),
  };
}

/** The defaults of what is searched, which a search tries first. */
export function defaultsOf(algorithm: Algorithm, training: TrainingSettings, spaces: Spaces): Settings {
  const trainer = { ...training, ...randAugmentOf(algorithm, training) };
  return { trainer: only(spaces.trainer, { ...trainer }), algorithm: only(spaces.algorithm, settle(algorithm)) };
}

/** The settings of the trainer with those of a trial. The trial's options of the algorithm are for `settle`. */
export function withSettings(
  algorithm: Algorithm,
  training: TrainingSettings,
  { trainer }: Pick<Settings, 'trainer'>,
): TrainingSettings {
  const { rate = training.rate, weightDecay = training.weightDecay } = trainer;
  const usual = randAugmentOf(algorithm, training);
  const { augmentations, strength } = { ...usual, ...trainer };
  return {
    ...training,
    ...{ rate, weightDecay },
    ...(usual && { [viewOf(algorithm)]: strength === 0 ? 'none' : `${augmentations},${strength}` }),
  };
}

const viewOf = ({ search }: Algorithm): 'augment' | 'strong' => search?.view ?? 'augment';

/** N and M of the view that is varied; undefined where it is another one. */
function randAugmentOf(
  algorithm: Algorithm,
  training: TrainingSettings,
): { readonly augmentations: number; readonly strength: number } | undefined {
  const name = training[viewOf(algorithm)];
  if (name === 'none') return { augmentations: 1, strength: 0 };
  const [augmentations, strength, ...rest] = name.split(',').map(Number);
  return augmentations !== undefined && strength !== undefined && rest.length === 0
    ? { augmentations, strength }
    : undefined;
}

const without = (space: Space, names: readonly string[]): Space =>
  Object.fromEntries(Object.entries(space).filter(([name]) => !names.includes(name)));

/** Only numbers are searched. */
const only = (space: object, values: Readonly<Record<string, unknown>>): Record<string, number> =>
  Object.fromEntries(Object.keys(space).map((name) => [name, Number(values[name])]));
