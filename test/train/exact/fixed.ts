/** Weights and data that are the same on every machine, and numbers of float32: both sides of a comparison start from the same. */
import type { Batch, Weights } from './fcn.js';
import type { Floats } from './layers.js';

export const channels = 2;
export const length = 20;
export const series = 6;
export const classes = 3;
/** Of the first and the last convolution; the second has twice as many channels. */
export const width = 8;
const widths = [width, 2 * width, width] as const;
const kernels = [7, 5, 3] as const;

/** @param biased whether convolutions have a bias, which is pointless in front of a BatchNormalization: its gradient is exactly 0. */
export function fixedWeights(biased = false): Weights {
  const draw = drawer(1);
  const weights = new Map<string, Floats>();
  let inputs = channels;
  widths.forEach((outputs, i) => {
    const [conv, norm, kernel] = [`conv${i + 1}`, `bn${i + 1}`, kernels[i]!];
    const bound = Math.sqrt(6 / (inputs * kernel));
    weights.set(`${conv}.weight`, draw([outputs, inputs, kernel], -bound, bound));
    if (biased) weights.set(`${conv}.bias`, draw([outputs], -0.1, 0.1));
    weights.set(`${norm}.weight`, draw([outputs], 0.7, 1.3));
    weights.set(`${norm}.bias`, draw([outputs], -0.3, 0.3));
    weights.set(`${norm}.running_mean`, draw([outputs], -0.2, 0.2));
    weights.set(`${norm}.running_var`, draw([outputs], 0.6, 1.4));
    inputs = outputs;
  });
  weights.set('fc.weight', draw([classes, inputs], -0.6, 0.6));
  weights.set('fc.bias', draw([classes], -0.1, 0.1));
  return weights;
}

/** Noise on a wave whose pitch is the class; every class is in every batch. */
export function fixedBatches(count: number): Batch[] {
  const draw = drawer(2);
  return Array.from({ length: count }, () => {
    const x = draw([series, channels, length], -0.8, 0.8);
    const labels = Int32Array.from({ length: series }, (_, n) => n % classes);
    const phases = draw([series, channels], 0, 2 * Math.PI).values;
    x.values.forEach((noise, at) => {
      const row = Math.floor(at / length);
      const pitch = labels[Math.floor(row / channels)]! + 1;
      x.values[at] = Math.fround(noise + Math.sin(phases[row]! + (2 * Math.PI * pitch * (at % length)) / length));
    });
    return { x, labels };
  });
}

/** Draws arrays of evenly spread numbers by the linear congruence of Knuth and Lewis (Numerical Recipes), its upper 24 bits. */
function drawer(seed: number): (shape: readonly number[], low: number, high: number) => Floats {
  let state = Math.imul(seed, 0x9e3779b9);
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
  return (shape, low, high) => {
    const size = shape.reduce((product, each) => product * each, 1);
    return { shape, values: Float64Array.from({ length: size }, () => Math.fround(low + (high - low) * next())) };
  };
}
