/** Penalties: convex or not, each with its prox. Smooth terms are emitted into graphs instead. */
import { lHalf } from './l-half.js';
import type { Penalty } from './penalty.js';

export type { Box, Penalty, StepSize } from './penalty.js';
export { lHalf };

/** Those without parameters. */
export const penalties = { lHalf } satisfies Record<string, Penalty>;
