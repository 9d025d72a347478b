/** Attacks on classifiers: the catalogue, and what runs them. */
export type { Attack, Family } from './attack.js';
export { type AttackName, attackNamed, attacks } from './catalogue.js';
export { type Goal, isTargeted, nameOf, passesOf, type Wish } from './goals.js';
export { type GroundOptions, type OpenGround, openGround } from './ground.js';
export { type MeasureName, measures } from './measures.js';
export { settle } from './options.js';
export { type Batch, batchesFor, type Finding, type Ground, type RunOptions, runAttack, runBatch } from './run.js';
export type { Subjects } from './subjects.js';
export type { Limits, Victim } from './victim.js';
