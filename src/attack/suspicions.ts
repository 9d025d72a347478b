/** Suspicions: what about a model makes the figures of attacks doubtful. */
import type { Ground } from './run.js';

export interface SuspicionOptions {
  /** Examples a call; as many are looked at. */
  readonly batch: number;
  readonly seed: number;
}

/** Sentences with advice, from a few calls; an empty list where nothing is odd. */
export type Suspicions = (ground: Ground, options: SuspicionOptions) => Promise<string[]>;
