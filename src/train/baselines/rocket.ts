/** ROCKET: random convolutions and a ridge classifier. */

import type { Series } from '../../data/series.js';
import type { Graph } from '../../ir/types.js';
import { createLinalg, type Linalg } from '../../linalg/index.js';
import { type CompileOptions, withProgram } from '../../runtime/program.js';
import { dataOf, float32, int64 } from '../../tensor/tensor.js';
import { baseline } from './baseline.js';
import { logSoftmaxAt } from './log-softmax.js';
import { fitRidge } from './ridge.js';
import { type LinearHead, rocketGraph } from './rocket-graph.js';
import { randomKernels } from './rocket-kernels.js';
import { inverseTemperature } from './temperature.js';

/**
 * Ridge's values aim at -1 and 1 and are no logits; times the factor that fits those of samples left out best, they are. As measured on
 * few labels, their softmax ranks series of a class better than the values themselves do. Unequal lengths have an input of their own, and
 * only places inside a series count.
 */
export const rocket = baseline({
  name: 'rocket',
  description: 'random convolutions, their share of positive values and their maximum, and a ridge classifier',
  paper:
    'Dempster, Petitjean, Webb, ROCKET: exceptionally fast and accurate time series classification using random convolutional kernels (arXiv 1910.13051)',
  usesUnlabelled: false,
  options: {
    kernels: { default: 10_000, about: 'random kernels, of two features each', from: 1, whole: true },
    alphas: { default: 10, about: 'penalties tried', from: 1, whole: true },
    leastAlpha: { default: 1e-3, about: 'smallest penalty', from: 1e-9 },
    mostAlpha: { default: 1e3, about: 'largest penalty', from: 1e-9 },
  },
  async fit({ labelled, classes, seed, threads, signal }, options) {
    const { channels, length, labels } = labelled;
    const kernels = randomKernels(options.kernels, channels, length, seed);
    const running: CompileOptions = threads === undefined ? {} : { threads };
    const graphFor = (series: Series, head?: LinearHead): Graph =>
      rocketGraph(kernels, { head, hasLengths: series.lengths !== undefined });

    const table = await outputsOf(graphFor(labelled), labelled, running, signal);
    const alphas = spaced(options.leastAlpha, options.mostAlpha, options.alphas);
    const ridge = await withLinalg(running, (linalg) => fitRidge(linalg, table, labels, classes, alphas, signal));
    const factor = inverseTemperature(ridge.leftOut, labels, classes);
    const head = {
      weights: Float32Array.from(ridge.weights, (weight) => factor * weight),
      biases: Float32Array.from(ridge.biases, (bias) => factor * bias),
    };
    return {
      graph: graphFor(labelled, head),
      async scores(series) {
        const logits = Float64Array.from(await outputsOf(graphFor(series, head), series, running, signal));
        for (let row = 0; row < series.count; row++) logSoftmaxAt(logits, row * classes, classes);
        return Float32Array.from(logits);
      },
    };
  },
});

/** What a group of kernels makes of so many series stays in the cache. */
const seriesPerRun = 16;

/** The graph's output for all series, [count, width]. */
async function outputsOf(
  graph: Graph,
  { count, channels, length, values, lengths }: Series,
  options: CompileOptions,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const [input, steps] = graph.inputs;
  const [output] = graph.outputs;
  return withProgram(graph, options, async (program) => {
    let all = new Float32Array();
    for (let from = 0; from < count; from += seriesPerRun) {
      signal?.throwIfAborted();
      const to = Math.min(count, from + seriesPerRun);
      const size = channels * length;
      const feeds = new Map([
        [input!, float32([to - from, channels, length], values.subarray(from * size, to * size))],
      ]);
      if (steps) feeds.set(steps, int64([to - from], Array.from(lengths!.subarray(from, to))));
      const part = dataOf((await program.run(feeds)).get(output!)!) as Float32Array;
      const width = part.length / (to - from);
      if (from === 0) all = new Float32Array(count * width);
      all.set(part, from * width);
    }
    return all;
  });
}

async function withLinalg<T>(options: CompileOptions, use: (linalg: Linalg) => Promise<T>): Promise<T> {
  const linalg = await createLinalg(options);
  try {
    return await use(linalg);
  } finally {
    await linalg.release();
  }
}

/** `count` numbers from `least` to `most`, evenly apart in their logarithms. */
const spaced = (least: number, most: number, count: number): number[] =>
  Array.from({ length: count }, (_, k) => least * (most / least) ** (count === 1 ? 0 : k / (count - 1)));
