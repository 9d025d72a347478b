/** MagNoise: a series plus white noise, the same for all its channels. */
import type { Augmentation } from './augmentation.js';

export const magNoise: Augmentation = {
  name: 'mag-noise',
  apply(x, { channels, length, valid }, magnitude, draw) {
    const noise = draw.normals(valid);
    for (let channel = 0; channel < channels; channel++) {
      for (let i = 0; i < valid; i++) x[channel * length + i]! += magnitude * noise[i]!;
    }
  },
};
