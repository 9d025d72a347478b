/** Attacks on classifiers: the catalogue, and what runs them. */
import type { Attack, OptionSpecs } from './attack.js';
import { fwnucl } from './fwnucl.js';
import { gse } from './gse.js';
import { homotopy } from './homotopy.js';
import { sapf } from './sapf.js';
import { strattack } from './strattack.js';

/** By the name they are asked for with; each knows its own options. */
export const attacks = { fwnucl, gse, homotopy, sapf, strattack } as const satisfies Record<string, unknown>;

export type AttackName = keyof typeof attacks;

/** An attack of the catalogue with its options as data. */
export const attackNamed = (name: AttackName): Attack<OptionSpecs> => attacks[name] as unknown as Attack<OptionSpecs>;
