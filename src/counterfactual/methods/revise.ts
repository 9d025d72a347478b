/** revise: descent on the code of a variational autoencoder, so that what is found is what its decoder makes. */
import { adam } from '../../optim/adam.js';
import { pick } from '../../oracle/packed.js';
import type { Case } from '../case.js';
import { explainer } from '../explainer.js';
import { l1Price } from '../latent/l1-price.js';
import { inLatent, type Latent } from '../latent/latent.js';
import { lossOf } from './wachter.js';

/**
 * Joshi, Koyejo, Vijitbenjaronk, Kim, Ghosh, Towards realistic individual recourse and actionable explanations in black-box decision
 * making systems (arXiv 1907.09615), with the settings of CARLA: Adam on the code that the encoder gives, along the cross-entropy of the
 * goal and `lambda` times the l1 distance of the decoded point; of all steps that reach the goal the nearest is kept. For ranges the
 * loss is the hinge.
 *
 * Ours: the decoded point is brought into the box of the instance, and a gradient that would lead out of it is not followed; what a
 * schema holds fast keeps its value in every step, and costs of features weigh the distance.
 */
export const revise = explainer({
  name: 'revise',
  paper:
    'Joshi et al., Towards realistic individual recourse and actionable explanations in black-box decision making systems (arXiv 1907.09615)',
  asks: 'gradients',
  needs: () => ['variational autoencoder'],
  options: {
    lambda: { default: 0.5, about: 'weight of the distance', from: 0 },
    rate: { default: 0.1, about: 'of Adam, in the units of the code', from: 1e-6 },
    steps: { default: 1000, about: 'of the descent', from: 1, whole: true },
  },
  async run(asked, options) {
    asked.weigh([], l1Price(asked));
    await inLatent(asked.companions, asked.x, asked.size, (latent, codes) =>
      descend(asked, latent, codes.slice(), options),
    );
    asked.progress = 1;
  },
});

interface Descent {
  readonly lambda: number;
  readonly rate: number;
  readonly steps: number;
}

/** @param codes of all instances, moved in place. */
async function descend(
  asked: Case,
  latent: Latent,
  codes: Float32Array,
  { lambda, rate, steps }: Descent,
): Promise<void> {
  const { size, all, x, features } = asked;
  const objective = lossOf(asked.aim, asked.isRange, 'carla');
  const move = adam(asked.count, latent.width, { rate });
  for (let k = 0; k < steps; k++) {
    const decoded = await latent.decode(codes);
    const points = decoded.map((value, at) => Math.min(Math.max(value, asked.lower[at]!), asked.upper[at]!));
    const { gradients, margins } = await asked.slopes(objective, points, all, 'guide');
    const there = all.filter((row) => margins[row]! < 0);
    if (there.length > 0) await asked.propose(pick(points, size, there), there);
    const slopes = gradients.map((gradient, at) => {
      const slope = gradient + lambda * features.costs[features.labels[at % size]!]! * Math.sign(points[at]! - x[at]!);
      return asked.isFixed(at) || leadsOut(decoded[at]!, slope, asked.lower[at]!, asked.upper[at]!) ? 0 : slope;
    });
    move(codes, await latent.pull(codes, slopes), all);
    asked.progress = (k + 1) / steps;
  }
}

/** Downhill from outside of the box, and farther out. */
const leadsOut = (value: number, slope: number, low: number, high: number): boolean =>
  (value < low && slope > 0) || (value > high && slope < 0);
