/** What each attack promises on a linear classifier in a box: a row an attack. */
import type { AttackName } from '../../src/attack/catalogue.js';
import type { GivenOptions } from '../../src/settings/index.js';
import type { Exact } from './linear.js';

export interface Promised {
  /** What it counts or measures. */
  readonly of: keyof Exact;
  /** The most that is allowed, given the least; default: anything valid. */
  readonly most?: (least: number) => number;
  readonly options?: GivenOptions;
  /** Its budget is searched. */
  readonly bisect?: boolean;
  /** It succeeds if and only if this holds of the least; default: always. */
  readonly succeeds?: (least: number) => boolean;
}

export const near = (k: number): number => Math.max(k + 1, Math.ceil(1.25 * k));
export const twice = (k: number): number => 2 * k;
export const quarterMore = (distance: number): number => 1.25 * distance;

export const promises: Readonly<Record<AttackName, Promised>> = {
  'apgd-ce': { of: 'linf', most: quarterMore, options: { steps: 10, restarts: 1 }, bisect: true },
  'apgd-dlr': { of: 'linf', most: quarterMore, options: { steps: 10, restarts: 1 }, bisect: true },
  zoom: { of: 'positions' },
  gse: { of: 'positions', options: { steps: 60, searchSteps: 6 } },
  ddn: { of: 'l2', most: quarterMore, options: { steps: 60 } },
  'fmn-l0': { of: 'elements', most: near, options: { steps: 60 } },
  'fmn-l1': { of: 'l1', most: quarterMore, options: { steps: 60 } },
  'fmn-l2': { of: 'l2', most: quarterMore, options: { steps: 60 } },
  'fmn-linf': { of: 'linf', most: quarterMore, options: { steps: 60 } },
  'carlini-wagner-l2': {
    of: 'l2',
    most: quarterMore,
    options: { steps: 80, stepSize: 0.02, searchSteps: 6, weight: 0.1 },
  },
  deepfool: { of: 'l2', most: quarterMore },
  pgd0: { of: 'positions', most: twice, options: { steps: 20, restarts: 2 }, bisect: true },
  'sigma-zero': { of: 'elements', most: near, options: { steps: 300 } },
  fgsm: { of: 'linf', most: quarterMore, options: { eps: 0.2 }, bisect: true },
  'mi-fgsm': { of: 'linf', most: quarterMore, options: { eps: 0.2 }, bisect: true },
  saif: { of: 'elements' },
  jsma: { of: 'elements', most: twice, options: { gamma: 1 } },
  'sparse-rs': { of: 'positions', most: twice, options: { k: 12, queries: 200 }, bisect: true },
  'corner-search': { of: 'positions', most: twice, options: { k: 12, candidates: 12, samples: 60 } },
  fwnucl: { of: 'positions', options: { eps: 30, steps: 40, lineSteps: 12 } },
  homotopy: { of: 'positions', options: { segments: 20, limit: 2, steps: 10 } },
  sapf: { of: 'positions', options: { k: 20, rounds: 2, sizeSteps: 20, maskSteps: 20, lambda1: 0.1, searchSteps: 4 } },
  strattack: {
    of: 'positions',
    options: { steps: 60, searchSteps: 4, refineSteps: 40, refineSearchSteps: 3 },
  },
  sparsefool: { of: 'elements', most: twice },
  'pgd-linf': { of: 'linf', most: quarterMore, options: { eps: 0.2 }, bisect: true },
  'pgd-l2': { of: 'l2', most: quarterMore, options: { eps: 0.5 }, bisect: true },
  'pgd-l1': { of: 'l1', most: quarterMore, options: { eps: 2 }, bisect: true },
  ead: { of: 'elements', most: twice, options: { rule: 'l0', steps: 100, searchSteps: 6 } },
  'one-pixel': { of: 'positions', options: { population: 60, generations: 30 }, succeeds: (k) => k === 1 },
  'square-linf': { of: 'linf', most: quarterMore, options: { eps: 0.2, queries: 300 }, bisect: true },
  'square-l2': { of: 'l2', options: { eps: 0.5, queries: 300 }, bisect: true },
};
