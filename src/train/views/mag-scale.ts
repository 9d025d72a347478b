/** MagScale: a series made smaller, by at most half, or larger, by at most twice, as a whole. */
import { nextHalfNormal } from '../../tensor/distributions.js';
import type { Augmentation } from './augmentation.js';

export const magScale: Augmentation = {
  name: 'mag-scale',
  apply(x, { channels, length, valid }, magnitude, draw) {
    const amount = nextHalfNormal(draw, 1 / 3, 1) * magnitude;
    // a third of the series grows; growing by r and shrinking by r / 2 change the spread alike
    const scale = draw.uniform() < 2 / 3 ? 1 - amount / 2 : 1 + amount;
    for (let channel = 0; channel < channels; channel++) {
      for (let i = 0; i < valid; i++) x[channel * length + i]! *= scale;
    }
  },
};
