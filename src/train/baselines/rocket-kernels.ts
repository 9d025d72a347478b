/** The random kernels of ROCKET, in groups that one convolution computes. */
import { type Random, random } from '../../tensor/random.js';

/** Kernels of one length, dilation and padding. */
export interface KernelGroup {
  readonly count: number;
  readonly length: number;
  readonly dilation: number;
  /** Zeros before and after the series. */
  readonly padding: number;
  /** [count, channels, length]: zeros in the channels that a kernel does not see. */
  readonly weights: Float32Array;
  readonly biases: Float32Array;
}

export interface Kernels {
  readonly channels: number;
  /** Steps of the series that they are for. */
  readonly length: number;
  readonly groups: readonly KernelGroup[];
}

const kernelLengths = [7, 9, 11];

interface Kernel {
  readonly length: number;
  readonly dilation: number;
  readonly padding: number;
  /** [channels, length] */
  readonly weights: Float64Array;
  readonly bias: number;
}

/**
 * Dempster, Petitjean, Webb, ROCKET: exceptionally fast and accurate time series classification using random convolutional kernels
 * (arXiv 1910.13051): lengths of 7, 9 or 11, normal weights less their mean, biases uniform in [-1, 1), dilations 2^a with a uniform in
 * [0, log2((length - 1) / (kernel's length - 1))], and zeros around the series for half of them.
 *
 * Of several channels a kernel sees some: 2^a of them rounded down, a uniform in [0, log2(channels + 1)), as its authors' later code has it.
 * A series shorter than a kernel is always padded.
 */
export function randomKernels(count: number, channels: number, length: number, seed: number): Kernels {
  const numbers = sequence(random(seed, 'rocket'));
  const groups = new Map<string, Kernel[]>();
  for (let k = 0; k < count; k++) {
    const kernel = randomKernel(numbers, channels, length);
    const key = [kernel.length, kernel.dilation, kernel.padding].map((size) => String(size).padStart(9)).join();
    const group = groups.get(key);
    if (group) group.push(kernel);
    else groups.set(key, [kernel]);
  }
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return { channels, length, groups: sorted.map(([, kernels]) => groupOf(kernels)) };
}

interface Sequence {
  uniform(): number;
  normal(): number;
  integer(below: number): number;
  sample(count: number, size: number): number[];
}

function sequence(random: Random): Sequence {
  let [uniforms, normals, integers] = [0, 0, 0];
  const integer = (below: number): number => random.integer(integers++, below);
  return {
    uniform: () => random.uniform(uniforms++),
    normal: () => random.normal(normals++),
    integer,
    sample(count, size) {
      const all = Array.from({ length: size }, (_, i) => i);
      return Array.from({ length: count }, () => all.splice(integer(all.length), 1)[0]!);
    },
  };
}

function randomKernel(numbers: Sequence, channels: number, seriesLength: number): Kernel {
  const length = kernelLengths[numbers.integer(kernelLengths.length)]!;
  const seen = channels === 1 ? 1 : Math.floor(2 ** (numbers.uniform() * Math.log2(channels + 1)));
  const weights = new Float64Array(channels * length);
  for (const channel of numbers.sample(seen, channels)) {
    const own = Float64Array.from({ length }, () => numbers.normal());
    const mean = own.reduce((sum, weight) => sum + weight, 0) / length;
    weights.set(
      own.map((weight) => weight - mean),
      channel * length,
    );
  }
  const bias = 2 * numbers.uniform() - 1;
  const widest = Math.max(0, Math.log2((seriesLength - 1) / (length - 1)));
  const dilation = Math.floor(2 ** (numbers.uniform() * widest));
  const span = (length - 1) * dilation;
  const isPadded = numbers.uniform() < 0.5 || span >= seriesLength;
  return { length, dilation, padding: isPadded ? span / 2 : 0, weights, bias };
}

function groupOf(kernels: readonly Kernel[]): KernelGroup {
  const { length, dilation, padding, weights } = kernels[0]!;
  const all = new Float32Array(kernels.length * weights.length);
  for (const [k, kernel] of kernels.entries()) all.set(kernel.weights, k * weights.length);
  return {
    count: kernels.length,
    length,
    dilation,
    padding,
    weights: all,
    biases: Float32Array.from(kernels, ({ bias }) => bias),
  };
}
