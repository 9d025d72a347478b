/** TimeWarp: a series whose time runs at a smoothly changing random pace. */
import type { Augmentation } from './augmentation.js';
import { randomCurve } from './random-curve.js';
import { resample } from './resample.js';

export const timeWarp: Augmentation = {
  name: 'time-warp',
  apply: (x, shape, magnitude, draw) => resample(x, shape, randomCurve(shape.valid, magnitude, draw)),
};
