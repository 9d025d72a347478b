/** What each attack promises on a linear classifier in a box: a row an attack. */
import type { AttackName } from '../../src/attack/index.js';
import type { GivenOptions } from '../../src/attack/options.js';
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
  fwnucl: { of: 'positions', options: { eps: 30, steps: 40, lineSteps: 12 } },
  gse: { of: 'positions', options: { steps: 60, searchSteps: 6 } },
  homotopy: { of: 'positions', options: { segments: 20, limit: 2, steps: 10 } },
  sapf: { of: 'positions', options: { k: 20, rounds: 2, sizeSteps: 20, maskSteps: 20, lambda1: 0.1, searchSteps: 4 } },
  strattack: {
    of: 'positions',
    options: { steps: 60, searchSteps: 4, refineSteps: 40, refineSearchSteps: 3 },
  },
};
