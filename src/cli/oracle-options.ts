/** Options of commands that move a model's input: which one, what it is, and how far it may go. */
import type { Range } from '../oracle/bounds.js';
import { type SpaceWish, spaceKinds } from '../oracle/space.js';
import { listed, optional, type Reader, several, word } from './values.js';

/** `LOW,HIGH`. */
export const range: Reader<Range> = (text, refuse) => {
  const numbers = text.split(',').map((word) => (word.trim() === '' ? Number.NaN : Number(word)));
  if (numbers.length === 2 && numbers.every(Number.isFinite)) return numbers as unknown as Range;
  return refuse(`expected two numbers LOW,HIGH, got '${text}'`);
};

export const space: Reader<SpaceWish> = (text, refuse) => {
  if ((spaceKinds as readonly string[]).includes(text)) return text as SpaceWish;
  const [, channels, height, width] = /^(\d{1,6})x(\d{1,6})x(\d{1,6})$/.exec(text) ?? [];
  if (Number(channels) * Number(height) * Number(width) > 0) return [Number(channels), Number(height), Number(width)];
  return refuse(`expected ${listed(spaceKinds, 'or')}, or CHANNELSxHEIGHTxWIDTH, got '${text}'`);
};

/** @param group the heading that they stand under in `--help`. @param moved what is done to the input: `attacked`. */
export const oracleOptions = (group: string, moved: string) => ({
  bounds: several('LOW,HIGH of the input, one pair or one a channel; default: of pixels, or of the data', range, {
    group,
  }),
  mask: optional('.npy file: 0 where nothing may change', word, { group }),
  input: optional(`${moved} input; default: the only one of floats`, word, { group }),
  scores: optional('value that holds the scores; default: the output of logits or probabilities', word, { group }),
  space: optional(
    'image, series, features, tokens, or CHANNELSxHEIGHTxWIDTH; default: by the rank of the input',
    space,
    { group },
  ),
  gradient: optional('model of gradients to use, made by scalpel grad --of SCORES --wrt INPUT', word, { group }),
});
