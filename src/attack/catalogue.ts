/** The catalogue of attacks, by the name they are asked for with; each knows its own options. */

import type { OptionSpecs } from '../settings/index.js';
import { apgdCe, apgdDlr } from './apgd.js';
import type { Attack } from './attack.js';
import { carliniWagnerL2 } from './carlini-wagner-l2.js';
import { cornerSearch } from './corner-search.js';
import { ddn } from './ddn.js';
import { deepfool } from './deepfool.js';
import { ead } from './ead.js';
import { fgsm } from './fgsm.js';
import { fmnL0, fmnL1, fmnL2, fmnLinf } from './fmn.js';
import { fwnucl } from './fwnucl.js';
import { gse } from './gse.js';
import { homotopy } from './homotopy.js';
import { jsma } from './jsma.js';
import { miFgsm } from './mi-fgsm.js';
import { onePixel } from './one-pixel.js';
import { pgdL1, pgdL2, pgdLinf } from './pgd.js';
import { pgd0 } from './pgd0.js';
import { saif } from './saif.js';
import { sapf } from './sapf.js';
import { sigmaZero } from './sigma-zero.js';
import { sparseRs } from './sparse-rs.js';
import { sparsefool } from './sparsefool.js';
import { squareL2, squareLinf } from './square.js';
import { strattack } from './strattack.js';
import { zoom } from './zoom.js';

export const attacks = {
  gse,
  pgd0,
  'sigma-zero': sigmaZero,
  fgsm,
  'mi-fgsm': miFgsm,
  saif,
  'sparse-rs': sparseRs,
  'corner-search': cornerSearch,
  'apgd-ce': apgdCe,
  'apgd-dlr': apgdDlr,
  jsma,
  fwnucl,
  strattack,
  'pgd-l1': pgdL1,
  'pgd-l2': pgdL2,
  'pgd-linf': pgdLinf,
  ddn,
  sparsefool,
  homotopy,
  'one-pixel': onePixel,
  'square-l2': squareL2,
  'square-linf': squareLinf,
  ead,
  'fmn-l0': fmnL0,
  'fmn-l1': fmnL1,
  'fmn-l2': fmnL2,
  'fmn-linf': fmnLinf,
  sapf,
  'carlini-wagner-l2': carliniWagnerL2,
  deepfool,
  zoom,
} as const satisfies Record<string, unknown>;

export type AttackName = keyof typeof attacks;

/** An attack of the catalogue with its options as data. */
export const attackNamed = (name: AttackName): Attack<OptionSpecs> => attacks[name] as unknown as Attack<OptionSpecs>;
