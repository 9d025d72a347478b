import type { Pictures } from './train/pictures.mjs';

export function heldOutDigits(most?: number): Pictures;
