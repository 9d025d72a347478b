/** MagWarp: a series times a smooth random curve, the same for all its channels. */
import type { Augmentation } from './augmentation.js';
import { randomCurve } from './random-curve.js';

export const magWarp: Augmentation = {
  name: 'mag-warp',
  apply(x, { channels, length, valid }, magnitude, draw) {
    const curve = randomCurve(valid, magnitude, draw);
    for (let channel = 0; channel < channels; channel++) {
      for (let i = 0; i < valid; i++) x[channel * length + i]! *= curve[i]!;
    }
  },
};
