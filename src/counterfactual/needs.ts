/** needs: whether a method was given what it cannot do without. */
import { UserError } from '../errors.js';
import type { OptionSpecs, OptionValues } from '../settings/index.js';
import type { Explainer, Need } from './explainer.js';
import type { Ground } from './ground/ground.js';

const isGiven: Record<Need, (ground: Ground) => boolean> = {
  reference: ({ reference }) => reference !== undefined,
  autoencoder: ({ companions }) => companions.autoencoder !== undefined,
  encoder: ({ companions }) => companions.encoder !== undefined,
  'variational autoencoder': ({ companions: { encoder, decoder } }) => encoder !== undefined && decoder !== undefined,
  flow: ({ companions }) => companions.flow !== undefined,
};

/** @throws UserError naming the method and what is missing. */
export function checkNeeds<Specs extends OptionSpecs>(
  { name, needs }: Explainer<Specs>,
  options: OptionValues<Specs>,
  ground: Ground,
): void {
  const missing = needs?.(options).find((need) => !isGiven[need](ground));
  if (missing)
    throw new UserError('explain', `${name} expected a ${missing}, got none; give one, or set the method otherwise`);
}
