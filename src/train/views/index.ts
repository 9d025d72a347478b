/** Views of time series: augmentations one file each, and what is made of them. */
import { magNoise } from './mag-noise.js';
import { randAugment } from './rand-augment.js';
import { none, single, type View } from './view.js';

export type { Augmentation, Shape } from './augmentation.js';
export { augmentations } from './catalogue.js';
export { randAugment } from './rand-augment.js';
export { type Draws, drawsAt, none, single, type View } from './view.js';

/** Views by name: `weak` and `strong` are FixMatch's pair on time series, `rand-augment` is what the other algorithms take. */
export const views = {
  none,
  weak: single(magNoise, 0.02),
  strong: randAugment(2, 10),
  'rand-augment': randAugment(3, 1),
} satisfies Record<string, View>;
