import type { Network } from './index.mjs';

export interface Trained {
  /** On held-out samples, as a fraction. */
  readonly accuracy: number;
  /** The share of the largest class among them. */
  readonly majority: number;
  readonly held: number;
  readonly trained: number;
  readonly seconds: number;
}

export function trainAndSave(
  network: Network,
  path: string,
  options?: { readonly seed?: number; readonly epochs?: number },
): Promise<Trained>;
