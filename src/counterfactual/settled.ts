/** settledFor: what a method is set to on a ground: what the user says, else what is usual there, else its defaults. */
import { type GivenOptions, type OptionSpecs, type OptionValues, settle } from '../settings/index.js';
import type { Explainer } from './explainer.js';
import type { Ground } from './ground/ground.js';

/** @param several counterfactuals of each instance. @throws UserError naming the option that the method does not have, or what it takes. */
export const settledFor = <Specs extends OptionSpecs>(
  explainer: Explainer<Specs>,
  given: GivenOptions,
  { network: { space }, features, reference }: Ground,
  several = 1,
): OptionValues<Specs> =>
  settle(explainer, given, (asked) =>
    explainer.defaults?.({ size: space.size, space, features, reference, several }, asked),
  );
