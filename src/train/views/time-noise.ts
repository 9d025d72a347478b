/** TimeNoise: a series whose time runs at an independent random pace at every step, which never turns back. */
import type { Augmentation } from './augmentation.js';
import { resample } from './resample.js';

export const timeNoise: Augmentation = {
  name: 'time-noise',
  apply(x, shape, magnitude, draw) {
    const paces = new Float64Array(draw.normals(shape.valid));
    for (let i = 0; i < paces.length; i++) paces[i] = Math.min(Math.max(1 + magnitude * paces[i]!, 0), 1000);
    resample(x, shape, paces);
  },
};
