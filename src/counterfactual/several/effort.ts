/** effort: what a change asks of who is to make it, whatever the method at work minimises. */
import type { Features } from '../ground/features.js';
import { waysOf } from './kernel.js';

/** What is told beside the best one takes at most so many times its effort. */
export const mostEffort = 2.5;

/** What each feature that changes costs, and by how much more it changes: few features count first, then small changes. */
export const effortOf = (features: Features, difference: Float32Array): number =>
  waysOf(features, difference).reduce((sum, way, f) => (way > 0 ? sum + features.costs[f]! * (1 + way) : sum), 0);
