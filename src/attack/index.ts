/** Attacks on classifiers: the catalogue, and what runs them. */
import { apgdCe, apgdDlr } from './apgd.js';
import type { Attack, OptionSpecs } from './attack.js';
import { ddn } from './ddn.js';
import { gse } from './gse.js';

/** By the name they are asked for with; each knows its own options. */
export const attacks = { 'apgd-ce': apgdCe, 'apgd-dlr': apgdDlr, ddn, gse } as const satisfies Record<string, unknown>;

export type AttackName = keyof typeof attacks;

/** An attack of the catalogue with its options as data. */
export const attackNamed = (name: AttackName): Attack<OptionSpecs> => attacks[name] as unknown as Attack<OptionSpecs>;
