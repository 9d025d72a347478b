/** The catalogue of methods, by the name they are asked for with; each knows its own options. */

import { UserError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { OptionSpecs } from '../settings/index.js';
import { actionableRecourse } from './actionable-recourse.js';
import { cChvae } from './c-chvae.js';
import { cem } from './cem.js';
import { cfproto } from './cfproto.js';
import { convexDensity } from './convex-density.js';
import { dice } from './dice.js';
import type { Explainer } from './explainer.js';
import { face } from './face.js';
import { growingSpheres } from './growing-spheres.js';
import { revise } from './revise.js';
import { scfe } from './scfe.js';
import { wachter } from './wachter.js';

export const explainers = {
  scfe,
  wachter,
  dice,
  cem,
  cfproto,
  'growing-spheres': growingSpheres,
  face,
  'convex-density': convexDensity,
  revise,
  'c-chvae': cChvae,
  'actionable-recourse': actionableRecourse,
};

export type ExplainerName = keyof typeof explainers;

export const explainerNames = Object.keys(explainers) as ExplainerName[];

/** @throws UserError for a name that is none. */
export function explainerNamed(name: string): Explainer<OptionSpecs> {
  if (Object.hasOwn(explainers, name)) return explainers[name as ExplainerName] as unknown as Explainer<OptionSpecs>;
  const meant = nearest(name, explainerNames);
  throw new UserError(
    'explain',
    `expected one of ${explainerNames.join(', ')}, got '${name}'${meant ? `; did you mean ${meant}?` : ''}`,
  );
}
