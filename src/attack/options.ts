/** The settings of an attack on some kind of examples. */
import type { Space } from '../oracle/space.js';
import { type GivenOptions, type OptionSpecs, type OptionValues, settle as settleMethod } from '../settings/index.js';
import type { Attack } from './attack.js';

/** @throws UserError naming the option that the attack does not have, or what it takes. */
export const settle = <Specs extends OptionSpecs>(
  attack: Attack<Specs>,
  space: Space,
  targeted: boolean,
  given: GivenOptions = {},
): OptionValues<Specs> => settleMethod(attack, given, (asked) => attack.defaults?.(space, targeted, asked));
