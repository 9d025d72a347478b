/** CutOut: a window of at most half of a series becomes zero, in all channels. */
import { nextBeta } from '../../tensor/distributions.js';
import type { Augmentation } from './augmentation.js';

export const cutOut: Augmentation = {
  name: 'cut-out',
  apply(x, { channels, length, valid }, magnitude, draw) {
    const share = nextBeta(draw, magnitude, magnitude);
    const window = Math.floor(valid * Math.min(share, 1 - share));
    if (window === 0) return;
    // the window may hang over either end
    const start = draw.integer(valid + window - 1) - window + 1;
    for (let channel = 0; channel < channels; channel++) {
      const from = channel * length;
      x.fill(0, from + Math.max(0, start), from + Math.min(start + window, valid));
    }
  },
};
