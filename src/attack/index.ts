/** Attacks on classifiers: the catalogue, and what runs them. */
import { apgdCe, apgdDlr } from './apgd.js';
import type { Attack, OptionSpecs } from './attack.js';
import { cornerSearch } from './corner-search.js';
import { fgsm } from './fgsm.js';
import { gse } from './gse.js';
import { miFgsm } from './mi-fgsm.js';
import { onePixel } from './one-pixel.js';
import { pgdL1, pgdL2, pgdLinf } from './pgd.js';
import { sparseRs } from './sparse-rs.js';
import { squareL2, squareLinf } from './square.js';

/** By the name they are asked for with; each knows its own options. */
export const attacks = {
  'apgd-ce': apgdCe,
  'apgd-dlr': apgdDlr,
  'corner-search': cornerSearch,
  fgsm,
  gse,
  'mi-fgsm': miFgsm,
  'one-pixel': onePixel,
  'pgd-l1': pgdL1,
  'pgd-l2': pgdL2,
  'pgd-linf': pgdLinf,
  'sparse-rs': sparseRs,
  'square-l2': squareL2,
  'square-linf': squareLinf,
} as const satisfies Record<string, unknown>;

export type AttackName = keyof typeof attacks;

/** An attack of the catalogue with its options as data. */
export const attackNamed = (name: AttackName): Attack<OptionSpecs> => attacks[name] as unknown as Attack<OptionSpecs>;
