/** Optimisers and schedules, emitted into steps; penalties, which step on arrays or in graphs. */
import { type AdamWOptions, adamw } from './adamw.js';
import { type SgdOptions, sgd } from './sgd.js';

export { clipByNorm } from './clip.js';
export type { Optimiser, Step, Stepped } from './optimiser.js';
export * from './penalties/index.js';
export { type Schedule, type ScheduleName, schedules, withWarmUp } from './schedules.js';
export { type AdamWOptions, adamw, type SgdOptions, sgd };

export const optimisers = { adamw, sgd };

export type OptimiserName = keyof typeof optimisers;
