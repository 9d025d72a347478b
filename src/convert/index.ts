/** Targets, by the name they are asked for with. */
import type { OptionSpecs } from '../settings/index.js';
import { bfloat16 } from './bfloat16.js';
import { bitmask } from './bitmask.js';
import { csr } from './csr.js';
import { dense } from './dense.js';
import { external } from './external.js';
import { float16 } from './float16.js';
import { int8 } from './int8.js';
import { lowRank } from './low-rank.js';
import { matMulNBits } from './matmul-nbits.js';
import { nmDense } from './nm-dense.js';
import { nmPacked } from './nm-packed.js';
import { shrink } from './shrink.js';
import { sparseInitializer } from './sparse-initializer.js';
import type { Target } from './target.js';
import { trimVocabulary } from './vocabulary.js';

export const targets = {
  shrink,
  float16,
  bfloat16,
  int8,
  'matmul-nbits': matMulNBits,
  'low-rank': lowRank,
  'sparse-initializer': sparseInitializer,
  dense,
  external,
  bitmask,
  csr,
  'nm-packed': nmPacked,
  'nm-dense': nmDense,
  'trim-vocabulary': trimVocabulary,
} as const satisfies Record<string, unknown>;

export type TargetName = keyof typeof targets;

/** One of the catalogue, whose options are told at run time. */
export const targetNamed = (name: TargetName): Target<OptionSpecs> => targets[name] as unknown as Target<OptionSpecs>;

export { decodeWeights, loadWeights } from './stored-weights.js';
export type { Converted, ConvertedTensor, ConvertTask, MadeModel, MadeWeights, Target } from './target.js';
