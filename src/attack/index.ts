/** Attacks on classifiers: the catalogue, and what runs them. */
import type { Attack, OptionSpecs } from './attack.js';
import { gse } from './gse.js';
import { jsma } from './jsma.js';
import { pgd0 } from './pgd0.js';
import { saif } from './saif.js';
import { sigmaZero } from './sigma-zero.js';

/** By the name they are asked for with; each knows its own options. */
export const attacks = { gse, pgd0, 'sigma-zero': sigmaZero, saif, jsma } as const satisfies Record<string, unknown>;

export type AttackName = keyof typeof attacks;

/** An attack of the catalogue with its options as data. */
export const attackNamed = (name: AttackName): Attack<OptionSpecs> => attacks[name] as unknown as Attack<OptionSpecs>;
