/** latent: the squared distance between what an encoder makes of a point and numbers that each instance has its own of. */
import type { Embedded } from '../ground/embedded.js';
import { flat, type Term } from './term.js';

/** What the term is fed. */
export const latentInput = 'scalpel/latent';

/** @param width of what the encoder makes. */
export const latentAttraction = (encoder: Embedded, width: number): Term => ({
  name: `latent attraction ${encoder.name}`,
  emit(g, scene, row) {
    const way = g.sub(encoder.emit(g, flat(g, scene)), row(latentInput, width));
    return g.reduceSum(g.mul(way, way), [1]);
  },
});
