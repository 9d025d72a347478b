/** What of a region a descent moves, by name. */
import { all } from './all.js';
import { lora } from './lora.js';
import { loraPrune } from './lora-prune.js';
import { maskLora } from './mask-lora.js';
import { normsAndBiases } from './norms-and-biases.js';
import { scaleLora } from './scale-lora.js';
import { spp } from './spp.js';

export type { Adapted, Adapter, Merged, Scene } from './adapter.js';
export type { LowRankOptions } from './low-rank.js';

export const adapters = {
  all,
  'norms-and-biases': normsAndBiases,
  lora,
  'lora-prune': loraPrune,
  'mask-lora': maskLora,
  'scale-lora': scaleLora,
  spp,
};

export type AdapterName = keyof typeof adapters;
