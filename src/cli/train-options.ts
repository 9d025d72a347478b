/** Options of `scalpel train` that are more than a word or a number, and how they are read. */
import { readTrainingStandardise, type TrainingStandardise } from '../data/series-sets/scaling.js';
import { UserError } from '../errors.js';
import { viewNamed } from '../train/view-names.js';
import type { Reader } from './values.js';

/** `50,100,all`: numbers of labels, each a training. */
export const budgets: Reader<readonly (number | 'all')[]> = (text, refuse) =>
  unique(text, refuse, (part) => {
    if (part === 'all') return part;
    return /^\d{1,9}$/.test(part) && Number(part) > 0
      ? Number(part)
      : refuse(`expected numbers from 1 on, or all, got '${part}'`);
  });

/** `5`: five seeds from 0 on; `138,299`: these. One given seed is `7,`. */
export const seeds: Reader<readonly number[]> = (text, refuse) => {
  if (/^0+$/.test(text)) return refuse(`expected a number of seeds from 1 on, got ${text}; the seed 0 alone is '0,'`);
  if (/^\d{1,4}$/.test(text)) return Array.from({ length: Number(text) }, (_, i) => i);
  return unique(text.replace(/,$/, ''), refuse, (part) =>
    /^\d{1,15}$/.test(part)
      ? Number(part)
      : refuse(`expected a number of seeds, or seeds with commas between, got '${part}'`),
  );
};

function unique<T>(text: string, refuse: (problem: string) => never, read: (part: string) => T): readonly T[] {
  const found = text.split(',').map((part) => read(part.trim()));
  const twice = found.find((each, i) => found.indexOf(each) !== i);
  return twice === undefined ? found : refuse(`expected each once, got ${twice} twice`);
}

export const trainingStandardise: Reader<TrainingStandardise | undefined> = (text, refuse) => {
  const found = readTrainingStandardise(text);
  return typeof found === 'string' ? refuse(found) : found;
};

/** The text itself: it names a view. */
export const viewName: Reader<string> = (text, refuse) => {
  try {
    viewNamed(text);
    return text;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return refuse(error.message.replace(/^[^:]+: /, ''));
  }
};
