/** Suites: attacks that are run together. */
import { type AttackName, attackNamed, attacks } from './catalogue.js';

export const suites = ['sparse', 'group', 'linf', 'l2', 'l1', 'all'] as const;
export type SuiteName = (typeof suites)[number];

/** The attacks of a family, or all. */
export const attacksOf = (suite: SuiteName): AttackName[] =>
  (Object.keys(attacks) as AttackName[]).filter((name) => suite === 'all' || attackNamed(name).family === suite);
