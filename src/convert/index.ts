/** Targets, by the name they are asked for with. */
import type { OptionSpecs } from '../settings/index.js';
import { bitmask } from './bitmask.js';
import { csr } from './csr.js';
import { nmDense } from './nm-dense.js';
import { nmPacked } from './nm-packed.js';
import type { Target } from './target.js';

export const targets = {
  bitmask,
  csr,
  'nm-packed': nmPacked,
  'nm-dense': nmDense,
} as const satisfies Record<string, unknown>;

export type TargetName = keyof typeof targets;

/** One of the catalogue, whose options are told at run time. */
export const targetNamed = (name: TargetName): Target<OptionSpecs> => targets[name] as unknown as Target<OptionSpecs>;

export { decodeWeights, loadWeights } from './stored-weights.js';
export type { Converted, ConvertedTensor, ConvertTask, MadeModel, MadeWeights, Target } from './target.js';
