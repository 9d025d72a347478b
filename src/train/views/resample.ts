/** Series read at other times than their own. */
import type { Shape } from './augmentation.js';
import { type CubicSpline, cubic, cubicSpline } from './cubic-spline.js';

/**
 * Reads every channel at times that advance by `paces`, stretched so that the first and the last step keep their places; times
 * that run out of the series, as of paces below 0, wait at its ends. Between steps a channel is a cubic spline.
 */
export function resample(x: Float32Array, { channels, length, valid }: Shape, paces: Float64Array): void {
  const times = timesOf(paces);
  if (!times) return;
  const spline = splineOf(valid);
  for (let channel = 0; channel < channels; channel++) {
    const steps = x.subarray(channel * length, channel * length + valid);
    const values = new Float64Array(steps);
    const slopes = spline.slopes(values);
    for (let i = 0; i < valid; i++) {
      const k = Math.min(Math.floor(times[i]!), valid - 2);
      steps[i] = cubic(values[k]!, values[k + 1]!, slopes[k]!, slopes[k + 1]!, 1, times[i]! - k);
    }
  }
}

/** Nothing if the first and the last time are the same, where no stretching helps. */
function timesOf(paces: Float64Array): Float64Array | undefined {
  const times = new Float64Array(paces.length);
  for (let i = 1; i < paces.length; i++) times[i] = times[i - 1]! + paces[i]!;
  const last = paces.length - 1;
  const whole = times[last]!;
  if (whole === 0) return undefined;
  for (let i = 0; i <= last; i++) times[i] = Math.min(Math.max(times[i]! / whole, 0), 1) * last;
  return times;
}

/** The last one, as series of a batch are mostly equally long. */
let latest: CubicSpline | undefined;

function splineOf(count: number): CubicSpline {
  if (latest?.knots.length !== count) latest = cubicSpline(Float64Array.from({ length: count }, (_, i) => i));
  return latest;
}
