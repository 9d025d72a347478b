import type { Network } from './index.mjs';

/** Figures of the network's goal on held-out samples, their number `held`, `trained` samples and `seconds`. */
export type Trained = Readonly<Record<string, number>>;

export function trainAndSave(
  network: Network,
  path: string,
  options?: { readonly seed?: number; readonly epochs?: number; readonly only?: number },
): Promise<Trained>;
