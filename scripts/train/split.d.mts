import type { Network } from './index.mjs';

export function saveSplit(network: Network, stem: string, options?: { readonly seed?: number }): void;
