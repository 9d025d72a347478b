/** Targets, by the name they are asked for with. */
import type { OptionSpecs } from '../settings/index.js';
import { bfloat16 } from './bfloat16.js';
import { dense } from './dense.js';
import { external } from './external.js';
import { float16 } from './float16.js';
import { sparseInitializer } from './sparse-initializer.js';
import type { Target } from './target.js';

export const targets = {
  float16,
  bfloat16,
  'sparse-initializer': sparseInitializer,
  dense,
  external,
} as const satisfies Record<string, unknown>;

export type TargetName = keyof typeof targets;

/** One of the catalogue, whose options are told at run time. */
export const targetNamed = (name: TargetName): Target<OptionSpecs> => targets[name] as unknown as Target<OptionSpecs>;

export type { Converted, ConvertedTensor, ConvertTask, MadeModel, MadeWeights, Target } from './target.js';
