/** Targets, by the name they are asked for with. */
import type { OptionSpecs } from '../settings/index.js';
import type { Target } from './target.js';
import { trimVocabulary } from './vocabulary.js';

export const targets = { 'trim-vocabulary': trimVocabulary } as const satisfies Record<string, unknown>;

export type TargetName = keyof typeof targets;

/** One of the catalogue, whose options are told at run time. */
export const targetNamed = (name: TargetName): Target<OptionSpecs> => targets[name] as unknown as Target<OptionSpecs>;

export type { Converted, ConvertedTensor, ConvertTask, MadeModel, MadeWeights, Target } from './target.js';
