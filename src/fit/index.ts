/** Descent over weights. */
export { type Batch, type Batches, stack } from './batches.js';
export { type FitOptions, type FitProgress, type Fitted, fit } from './fit.js';
export type { Average, Carried, FitProblem } from './problem.js';
export type { FitState } from './stepper.js';
