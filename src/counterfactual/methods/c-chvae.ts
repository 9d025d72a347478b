/** cChvae: random codes farther and farther from that of the instance, until one is decoded to what reaches the goal. */
import type { Case } from '../case.js';
import { explainer } from '../explainer.js';
import { l1Price } from '../latent/l1-price.js';
import { inLatent } from '../latent/latent.js';

/** Codes are standard normal by the autoencoder's prior: so many deviations away none of an example lies. */
const farthest = 6;

/**
 * Pawelczyk, Broelemann, Kasneci, Learning model-agnostic counterfactual explanations for tabular data (arXiv 1910.09398), with the
 * settings of CARLA: `samples` codes in a shell of the l1 norm around the instance's, of normal directions and uniform radii, are
 * decoded; of the first shell that holds any which reach the goal, the one nearest to the instance (l1) is kept.
 *
 * Ours: decoded points are brought into the box and to the schema, where the published code conditions the decoder on what must not
 * change; and the search ends where no code of an example lies, not after `rounds` shells alone.
 */
export const cChvae = explainer({
  name: 'c-chvae',
  paper:
    'Pawelczyk, Broelemann, Kasneci, Learning model-agnostic counterfactual explanations for tabular data (arXiv 1910.09398)',
  asks: 'scores',
  needs: () => ['variational autoencoder'],
  options: {
    samples: { default: 300, about: 'codes in a shell', from: 1, whole: true },
    step: { default: 0.1, about: 'width of a shell', from: 1e-6 },
    rounds: { default: 1000, about: 'shells at most', from: 1, whole: true },
  },
  async run(asked, { samples, step, rounds }) {
    asked.weigh([], l1Price(asked));
    await inLatent(asked.companions, asked.x, asked.size, async (latent, codes) => {
      const { width } = latent;
      for (const row of asked.all) {
        const code = codes.subarray(row * width, (row + 1) * width);
        const reach = code.reduce((sum, value) => sum + Math.abs(value) + farthest, 0);
        const most = Math.min(rounds, Math.ceil(reach / step));
        for (let round = 0; round < most && !asked.found(row); round++) {
          const shell = around(asked, row, code, { samples, low: round * step, high: (round + 1) * step, round });
          await asked.propose(await latent.decode(shell), Array(samples).fill(row));
          asked.progress = (row + (round + 1) / most) / asked.count;
        }
      }
    });
    asked.progress = 1;
  },
});

interface Shell {
  readonly samples: number;
  readonly low: number;
  readonly high: number;
  readonly round: number;
}

/** Codes, packed: the l1 distance of each is uniform between the two. */
function around(asked: Case, row: number, code: Float32Array, { samples, low, high, round }: Shell): Float32Array {
  const width = code.length;
  const rng = asked.random(row, `shell ${round}`);
  const ways = rng.normals(samples * width);
  const shares = rng.uniforms(samples, samples * width);
  const made = new Float32Array(samples * width);
  for (let s = 0; s < samples; s++) {
    const way = ways.subarray(s * width, (s + 1) * width);
    const norm = way.reduce((sum, value) => sum + Math.abs(value), 0) || 1;
    const radius = low + shares[s]! * (high - low);
    for (let i = 0; i < width; i++) made[s * width + i] = code[i]! + (way[i]! / norm) * radius;
  }
  return made;
}
