/** RandomCrop: a window of at least half of a series stays where it is, and the rest becomes zero, in all channels. */
import { nextBeta } from '../../tensor/distributions.js';
import type { Augmentation } from './augmentation.js';

export const randomCrop: Augmentation = {
  name: 'random-crop',
  apply(x, { channels, length, valid }, magnitude, draw) {
    const share = nextBeta(draw, magnitude, magnitude);
    const window = Math.floor(valid * Math.max(share, 1 - share));
    if (window === valid) return;
    const start = draw.integer(valid - window);
    for (let channel = 0; channel < channels; channel++) {
      const from = channel * length;
      x.fill(0, from, from + start);
      x.fill(0, from + start + window, from + valid);
    }
  },
};
