/** sampler: settings by chance, a function of the seed and the number of the trial. */
import { type Distribution, quantile } from '../../settings/index.js';
import { random } from '../../tensor/random.js';
import type { Settings, Spaces } from './spaces.js';

/** Draws each option by itself: one more in the spaces leaves the others as they were. @param trial from 0. */
export const sampler =
  ({ trainer, algorithm }: Spaces, seed: number) =>
  (trial: number): Settings => {
    const drawn = (group: keyof Spaces, space: object): Record<string, number> =>
      Object.fromEntries(
        Object.entries(space).map(([name, distribution]: [string, Distribution]) => [
          name,
          quantile(distribution, random(seed, `search/${group}/${name}`).uniform(trial)),
        ]),
      );
    return { trainer: drawn('trainer', trainer), algorithm: drawn('algorithm', algorithm) };
  };
