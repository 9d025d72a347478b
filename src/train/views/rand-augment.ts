/** RandAugment: a few augmentations of each series, drawn anew, all of one magnitude. */
import { UserError } from '../../errors.js';
import type { Augmentation } from './augmentation.js';
import { augmentations } from './catalogue.js';
import { none, rowByRow, type View } from './view.js';

/**
 * Cubuk et al., RandAugment (arXiv 1909.13719), with the augmentations of Goschenhofer et al., Deep semi-supervised learning for
 * time series classification (ICMLA 2021, doi 10.1109/ICMLA52953.2021.00072): each series goes through different ones of them, in random order.
 * @param count N, how many each series goes through, at most all; @param strength M in [0, 10], the magnitude is M / 10.
 */
export function randAugment(
  count = 3,
  strength = 1,
  among: readonly Augmentation[] = Object.values(augmentations),
): View {
  if (!(Number.isInteger(count) && count >= 1 && count <= among.length)) {
    throw new UserError('randAugment', `expected 1 to ${among.length} augmentations a series, got ${count}`);
  }
  if (!(strength >= 0 && strength <= 10)) {
    throw new UserError('randAugment', `expected a strength from 0 to 10, got ${strength}`);
  }
  const name = `rand-augment ${count} ${strength}`;
  if (strength === 0) return { ...none, name };
  return rowByRow(name, (x, shape, draw) => {
    const left = [...among];
    for (let i = 0; i < count; i++) {
      const [augmentation] = left.splice(draw.integer(left.length), 1);
      augmentation!.apply(x, shape, strength / 10, draw);
    }
  });
}
