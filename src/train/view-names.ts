/** viewNamed: the view that a word of the command line means. */
import { UserError } from '../errors.js';
import { nearest } from '../nearest.js';
import { augmentations, none, randAugment, single, type View } from './views/index.js';

/**
 * `none`; `N,M` for RandAugment of N augmentations a series with magnitude M / 10; or one augmentation as `NAME:MAGNITUDE`, in [0, 1].
 * @throws UserError for anything else.
 */
export function viewNamed(text: string): View {
  if (text === 'none') return none;
  const [, count, strength] = /^(\d+),(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (count !== undefined) return randAugment(Number(count), Number(strength));
  const [, name = text, magnitude] = /^([a-z-]+):(\d*\.?\d+)$/.exec(text) ?? [];
  const isKnown = Object.hasOwn(augmentations, name);
  if (isKnown && magnitude !== undefined && Number(magnitude) <= 1)
    return single(augmentations[name as keyof typeof augmentations], Number(magnitude));
  const meant = isKnown ? `${name}:0.1` : nearest(name, Object.keys(augmentations));
  throw new UserError(
    'views',
    `expected none, N,M (RandAugment) or NAME:MAGNITUDE with a name among ${Object.keys(augmentations).join(', ')} and a magnitude in [0, 1], got '${text}'${meant ? `; did you mean ${meant}?` : ''}`,
  );
}
