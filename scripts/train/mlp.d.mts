import type { Network } from './index.mjs';

export interface Samples {
  /** Row-major. */
  readonly x: ArrayLike<number>;
  readonly y: readonly number[];
  /** The first rows alone are trained on; absent: four fifths of all, drawn by the seed. */
  readonly train?: number;
}

/** A network that tells one number, named `output`. */
export function regressor(settings: {
  readonly output: string;
  readonly files: readonly string[];
  readonly features: number;
  readonly columns: () => readonly string[];
  readonly hidden: readonly number[];
  readonly samples: (...files: string[]) => Samples;
  readonly epochs?: number;
}): Network;
