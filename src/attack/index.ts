/** Attacks on classifiers: the catalogue, and what runs them. */
import type { Attack, OptionSpecs } from './attack.js';
import { fgsm } from './fgsm.js';
import { gse } from './gse.js';
import { miFgsm } from './mi-fgsm.js';
import { pgd0 } from './pgd0.js';
import { sigmaZero } from './sigma-zero.js';

export type { Attack, Family, OptionSpec, OptionSpecs } from './attack.js';
export { type Bounds, boundsOf, type Range } from './bounds.js';
export { dataBounds } from './data-bounds.js';
export { GivenGradientOracle } from './given-gradient.js';
export { type Goal, isTargeted, nameOf, passesOf, type Wish } from './goals.js';
export { type GroundOptions, type OpenGround, openGround } from './ground.js';
export { type MeasureName, measures } from './measures.js';
export type { Network } from './network.js';
export { type GivenOptions, settle } from './options.js';
export { type Batch, batchesFor, type Finding, type Ground, type RunOptions, runBatch } from './run.js';
export { type Space, type SpaceKind, type SpaceWish, spaceKinds } from './space.js';
export type { Subjects } from './subjects.js';
export type { Limits, Victim } from './victim.js';

/** By the name they are asked for with; each knows its own options. */
export const attacks = {
  gse,
  pgd0,
  'sigma-zero': sigmaZero,
  fgsm,
  'mi-fgsm': miFgsm,
} as const satisfies Record<string, unknown>;

export type AttackName = keyof typeof attacks;

/** An attack of the catalogue with its options as data. */
export const attackNamed = (name: AttackName): Attack<OptionSpecs> => attacks[name] as unknown as Attack<OptionSpecs>;
