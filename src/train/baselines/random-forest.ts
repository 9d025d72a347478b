/** Random forest on the thirty features of each channel. */
import { baseline } from './baseline.js';
import { featureCount, featuresOf } from './features.js';
import { forestBeliefs, growForest } from './forest.js';

/**
 * A forest whose probabilities are the mean of its leaves'. A tree more that knows nothing is thought of, so that none is 0; that moves no
 * order. The published comparison draws 10 to 1,000 trees of depth 3 to 25 by search.
 */
export const randomForest = baseline({
  name: 'random-forest',
  description: 'random forest on thirty features of each channel',
  paper: 'Breiman, Random forests (Machine Learning 2001)',
  usesUnlabelled: false,
  options: {
    trees: { default: 500, about: 'trees', from: 1, whole: true },
    maxDepth: { default: 25, about: 'splits from the root to a leaf at most', from: 1, whole: true },
    minLeaf: { default: 1, about: 'fewest samples of a leaf', from: 1, whole: true },
    featuresPerSplit: {
      default: 0,
      about: 'features looked at for a split; 0: the root of their number',
      from: 0,
      whole: true,
    },
  },
  async fit({ labelled, classes, seed, signal }, { trees, featuresPerSplit, ...options }) {
    const columns = featureCount(labelled.channels);
    const looked = Math.min(columns, featuresPerSplit || Math.floor(Math.sqrt(columns)));
    const forest = await growForest(featuresOf(labelled), labelled.labels, classes, {
      ...options,
      trees,
      featuresPerSplit: looked,
      seed,
      signal,
    });
    return {
      scores: async (series) =>
        Float32Array.from(forestBeliefs(forest, featuresOf(series), columns, classes), (belief) =>
          Math.log((belief * trees + 1 / classes) / (trees + 1)),
        ),
    };
  },
});
