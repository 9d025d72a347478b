/** reconstruction: the squared distance from a point to what an autoencoder makes of it: far from the data it is large. */

import type { Embedded } from '../ground/embedded.js';
import type { Term } from './term.js';
import { flat } from './term.js';

/** Dhurandhar et al., Explanations based on the missing (arXiv 1802.07623), the term of their autoencoder. */
export const reconstructionError = (autoencoder: Embedded): Term => ({
  name: `reconstruction ${autoencoder.name}`,
  emit(g, scene) {
    const way = g.sub(flat(g, scene), autoencoder.emit(g, flat(g, scene)));
    return g.reduceSum(g.mul(way, way), [1]);
  },
});

/** -log p that a normalising flow, or any other model of densities, gives. */
export const flowDensity = (flow: Embedded): Term => ({
  name: `flow ${flow.name}`,
  emit: (g, scene) => g.op('Neg', [flow.emit(g, flat(g, scene))]),
});
