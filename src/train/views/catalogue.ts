/** The augmentations of time series that there are. */
import type { Augmentation } from './augmentation.js';
import { cutOut } from './cut-out.js';
import { magNoise } from './mag-noise.js';
import { magScale } from './mag-scale.js';
import { magWarp } from './mag-warp.js';
import { randomCrop } from './random-crop.js';
import { timeNoise } from './time-noise.js';
import { timeWarp } from './time-warp.js';

export const augmentations = {
  'mag-warp': magWarp,
  'time-warp': timeWarp,
  'time-noise': timeNoise,
  'mag-noise': magNoise,
  'mag-scale': magScale,
  'cut-out': cutOut,
  'random-crop': randomCrop,
} satisfies Record<string, Augmentation>;
