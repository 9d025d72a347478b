/** Only what scales or shifts moves; the weights of layers rest. */
import { type Adapter, own } from './adapter.js';

/** Zimmer, Andoni, Spiegel, Pokutta, PERP: rethinking the prune-retrain paradigm in the era of LLMs (arXiv 2312.15230). */
export const normsAndBiases = (): Adapter => ({
  name: 'norms-and-biases',
  description: 'biases, and the scale and shift of norms; weights of layers rest',
  paper:
    'Zimmer, Andoni, Spiegel, Pokutta, PERP: rethinking the prune-retrain paradigm in the era of LLMs, arXiv 2312.15230',
  adapt(scene) {
    const weights = new Set(scene.layers.map(({ weight }) => weight));
    return own(
      scene,
      scene.parameters.filter((value) => !weights.has(value)),
    );
  },
});
