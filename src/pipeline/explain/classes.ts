/** Names of classes: as the data call them, or their numbers. */
import type { Samples } from '../../data/index.js';
import { UserError } from '../../errors.js';
import { nearest } from '../../nearest.js';

/** @throws UserError for what is neither the name of a class nor a number. */
export function classNamed(option: string, word: string, { classes }: Pick<Samples, 'classes'>): number {
  const found = classes?.indexOf(word) ?? -1;
  if (found >= 0) return found;
  if (/^\d{1,6}$/.test(word)) return Number(word);
  const meant = classes && nearest(word, classes);
  const known = classes ? `one of ${classes.slice(0, 20).join(', ')}, or a number` : 'the number of a class';
  throw new UserError(option, `expected ${known}, got '${word}'${meant ? `; did you mean ${meant}?` : ''}`);
}
