/** A number for each sample: squared error, in deviations of the target over training samples. */
import { losses } from '../../../dist/autodiff/losses.js';
import { float32 } from '../../../dist/tensor/tensor.js';

/** @param output the name of what is told. */
export const regression = (output) => ({
  targets: ({ y }, from, count) =>
    new Map([['target', float32([count, 1], Float32Array.from(y.slice(from, from + count)))]]),
  loss(g, { [output]: told, target }, { target: { deviation } }) {
    const scaled = (x) => g.mul(x, g.scalar(1 / deviation[0]));
    return losses.mse.emit(g, scaled(told), told.type, scaled(target), {});
  },
  /** `rmse` and `deviation` of held-out targets in their unit, `r2` the share of their variance that is told. */
  figures({ [output]: told }, { y, count }) {
    const mean = y.reduce((sum, each) => sum + each / count, 0);
    const variance = y.reduce((sum, each) => sum + (each - mean) ** 2 / count, 0);
    const error = y.reduce((sum, each, row) => sum + (each - told[row]) ** 2 / count, 0);
    return { rmse: Math.sqrt(error), deviation: Math.sqrt(variance), r2: 1 - error / variance };
  },
});
