/** Labels that flow from series to their nearest: no network, and no use for anything else that series have. */

import type { Series } from '../../data/series.js';
import { heed } from '../../heed.js';
import { baseline, type Task } from './baseline.js';
import { featureCount, featuresOf } from './features.js';
import { leastProbability } from './log-softmax.js';
import { type EdgeWeights, type NeighbourGraph, neighbourGraph } from './neighbour-graph.js';
import { standardisationOf, standardised } from './standardise.js';

const options = {
  points: {
    default: 'series',
    about: 'what is near: values as given, or thirty features',
    choices: ['series', 'features'],
  },
  neighbours: { default: 10, about: 'nearest series that each is joined with', from: 1, whole: true },
  weights: { default: 'equal', about: 'how much an edge counts', choices: ['equal', 'rbf'] },
  steps: { default: 200, about: 'steps of propagation at most', from: 1, whole: true },
  tolerance: { default: 1e-4, about: 'largest change of a belief at the end', from: 0 },
} as const;

/**
 * Every unlabelled series takes the mean of what its nearest believe, again and again, while the labelled ones keep their label. Distances
 * are by default those of the values as they are given, over all steps and channels. Weighted areas measured at 50 labels, two seeds each:
 * Crop 0.92 (0.88 by series of equal mean and variance, 0.78 by features), ElectricDevices 0.77 (0.77 and 0.83).
 */
export const labelPropagation = baseline({
  name: 'label-propagation',
  description: 'labels flow along a graph of nearest series, labelled ones keep theirs',
  paper: 'Zhu, Ghahramani, Learning from labeled and unlabeled data with label propagation (CMU-CALD-02-107, 2002)',
  usesUnlabelled: true,
  options,
  fit: (task, settings) =>
    transduced(task, settings, (graph, beliefs, given, classes) => {
      const next = spread(graph, beliefs, classes, (i) => 1 / graph.degrees[i]!);
      next.set(given.subarray(0, task.labelled.count * classes));
      return next;
    }),
});

/** As label propagation, but labelled series may change their mind, and well-connected ones count less. */
export const labelSpreading = baseline({
  name: 'label-spreading',
  description: 'labels flow along a graph of nearest series, a part of each belief being its own label',
  paper: 'Zhou, Bousquet, Lal, Weston, Schölkopf, Learning with local and global consistency (NIPS 2004)',
  usesUnlabelled: true,
  options: { ...options, alpha: { default: 0.99, about: 'what of a belief comes from the nearest', from: 0, to: 1 } },
  fit: (task, { alpha, ...settings }) =>
    transduced(task, settings, (graph, beliefs, given, classes) => {
      const scale = (i: number, j: number): number => alpha / Math.sqrt(graph.degrees[i]! * graph.degrees[j]!);
      const next = spread(graph, beliefs, classes, scale);
      return next.map((belief, at) => belief + (1 - alpha) * given[at]!);
    }),
});

/** Where series lie, [count, size]. Features are brought to mean 0 and variance 1 over all of `fitted`. */
function places(by: Settings['points'], fitted: readonly Series[]): (series: Series) => Float64Array {
  if (by === 'series') return ({ values }) => Float64Array.from(values);
  const tables = fitted.map(featuresOf);
  const columns = featureCount(fitted[0]!.channels);
  const scaling = standardisationOf(joined(tables), columns);
  return (series) => standardised(featuresOf(series), scaling);
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** One step: from beliefs, [count, classes], and the given labels as such, to new beliefs. */
type Step = (graph: NeighbourGraph, beliefs: Float64Array, given: Float64Array, classes: number) => Float64Array;

interface Settings {
  readonly points: 'series' | 'features';
  readonly neighbours: number;
  readonly weights: EdgeWeights;
  readonly steps: number;
  readonly tolerance: number;
}

async function transduced(
  { labelled, unlabelled, classes, signal }: Task,
  { neighbours, weights, steps, tolerance, ...settings }: Settings,
  step: Step,
) {
  const fitted = unlabelled ? [labelled, unlabelled] : [labelled];
  const place = places(settings.points, fitted);
  const points = joined(fitted.map(place));
  const count = labelled.count + (unlabelled?.count ?? 0);
  const graph = await neighbourGraph(points, points.length / count, neighbours, weights, signal);

  const given = new Float64Array(count * classes);
  for (const [i, label] of labelled.labels.entries()) given[i * classes + label] = 1;
  let beliefs: Float64Array = given;
  for (let k = 0; k < steps; k++) {
    if (k % 8 === 0) await heed(signal);
    const before = beliefs;
    beliefs = step(graph, before, given, classes);
    if (beliefs.every((belief, at) => Math.abs(belief - before[at]!) <= tolerance)) break;
  }
  const shares = sharesOf(beliefs, classes);
  return {
    unlabelled: Float32Array.from(shares.subarray(labelled.count * classes), Math.log),
    scores: (series: Series) => scoresOf(graph, shares, place(series), classes),
  };
}

/** Sums of what the joined points believe, each times its edge's weight and `scale`. */
function spread(
  { count, starts, ends, weights }: NeighbourGraph,
  beliefs: Float64Array,
  classes: number,
  scale: (i: number, j: number) => number,
): Float64Array {
  const next = new Float64Array(beliefs.length);
  for (let i = 0; i < count; i++) {
    for (let e = starts[i]!; e < starts[i + 1]!; e++) {
      const weight = weights[e]! * scale(i, ends[e]!);
      for (let c = 0; c < classes; c++) next[i * classes + c]! += weight * beliefs[ends[e]! * classes + c]!;
    }
  }
  return next;
}

/** Rows that add up to 1: equal shares where no label has come, and nowhere none at all. */
function sharesOf(beliefs: Float64Array, classes: number): Float64Array {
  const shares = new Float64Array(beliefs.length);
  for (let from = 0; from < beliefs.length; from += classes) {
    const sum = beliefs.subarray(from, from + classes).reduce((total, belief) => total + belief, 0);
    for (let c = 0; c < classes; c++) {
      const share = sum > 0 ? beliefs[from + c]! / sum : 1 / classes;
      shares[from + c] = (share + leastProbability) / (1 + classes * leastProbability);
    }
  }
  return shares;
}

/** What the nearest points of each series believe. */
async function scoresOf(
  graph: NeighbourGraph,
  shares: Float64Array,
  points: Float64Array,
  classes: number,
): Promise<Float32Array> {
  const count = points.length / graph.size;
  const scores = new Float32Array(count * classes);
  for (let row = 0; row < count; row++) {
    if (row % 64 === 0) await heed();
    const { ends, weights } = graph.edgesOf(points.subarray(row * graph.size, (row + 1) * graph.size));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    for (let c = 0; c < classes; c++) {
      const belief = ends.reduce((total, j, e) => total + weights[e]! * shares[j * classes + c]!, 0);
      scores[row * classes + c] = Math.log(belief / sum);
    }
  }
  return scores;
}
