/** The catalogue of methods, by the name they are asked for with; each knows its own options. */

import { UserError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { OptionSpecs } from '../settings/index.js';
import type { Explainer } from './explainer.js';
import { actionableRecourse } from './methods/actionable-recourse.js';
import { cChvae } from './methods/c-chvae.js';
import { cem } from './methods/cem.js';
import { cfproto } from './methods/cfproto.js';
import { convexDensity } from './methods/convex-density.js';
import { dice } from './methods/dice.js';
import { face } from './methods/face.js';
import { growingSpheres } from './methods/growing-spheres.js';
import { revise } from './methods/revise.js';
import { scfe } from './methods/scfe.js';
import { wachter } from './methods/wachter.js';

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
