/** Attacks on classifiers: the catalogue, and what runs them. */
export type { Attack, Family, OptionSpec, OptionSpecs, OptionValues } from './attack.js';
export { type Bounds, boundsOf, type Range } from './bounds.js';
export { type AttackName, attackNamed, attacks } from './catalogue.js';
export { dataBounds } from './data-bounds.js';
export { GivenGradientOracle } from './given-gradient.js';
export { type Goal, isTargeted, nameOf, passesOf, type Wish } from './goals.js';
export { type GroundOptions, type OpenGround, openGround } from './ground.js';
export { type MeasureName, measures } from './measures.js';
export type { Network } from './network.js';
export { checkClasses } from './objectives.js';
export { type GivenOptions, settle } from './options.js';
export { type Batch, batchesFor, type Finding, type Ground, type RunOptions, runAttack, runBatch } from './run.js';
export { type Space, type SpaceKind, type SpaceWish, spaceKinds } from './space.js';
export type { Subjects } from './subjects.js';
export type { Limits, Victim } from './victim.js';
