/** vat: the smallest push that changes the network's mind most should not. */

import type { Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
import { stop } from '../../ops/stop.js';
import { quantised } from '../../settings/index.js';
import { sizeOf } from '../../tensor/dtype.js';
import { algorithm } from '../algorithm.js';
import { utilisation } from '../parts/guesses.js';
import { supervisedTerm } from '../parts/supervised-term.js';
import { crossEntropies, logSoftmax, mean, softmax, within } from '../parts/terms.js';

/**
 * Miyato et al., Virtual adversarial training (arXiv 1704.03976): the Kullback-Leibler divergence of what the network says of a series and of
 * the series pushed by `radius` in the direction that changes it most, found by power iterations on the divergence at distance
 * `probe`; `entropy` adds that of unlabelled predictions. A probe of 1e-6, usual elsewhere, is lost in float32 on series of
 * deviation 1. Running statistics follow the unlabelled series, which are more and unpushed.
 */
export const vat = algorithm({
  name: 'vat',
  description: 'stability against the small push that changes predictions most',
  paper: 'Miyato et al., Virtual adversarial training (arXiv 1704.03976)',
  options: {
    radius: {
      default: 2.5,
      about: 'length of the push, over channels and steps together',
      from: 0,
      search: quantised(0.1, 10, 0.1),
    },
    probe: { default: 0.1, about: 'distance at which the direction is looked for', from: 1e-6 },
    iterations: { default: 1, about: 'power iterations', from: 1, to: 10, whole: true },
    weight: { default: 1, about: 'of the divergence', from: 0 },
    entropy: { default: 0, about: 'weight of the entropy of unlabelled predictions', from: 0 },
  },
  folded: 'the same loss; the clean and the pushed pass see one network, which is what the method means',
  async loss(scope, { radius, probe, iterations, weight, entropy }, { augmented }) {
    const { g, sizes } = scope;
    const labelled = await scope.student(scope.labelled(augmented));
    const fed = scope.unlabelled(augmented);
    const clean = await scope.student(fed);
    scope.follow(clean);
    const belief = stop(g, softmax(g, clean.logits));
    const pushed = async (by: Value): Promise<Value> =>
      divergence(g, belief, (await scope.student({ ...fed, x: g.add(fed.x, within(g, by, fed)) })).logits);
    const shape = [sizes.unlabelled, sizes.channels, sizes.length];
    let direction = scope.draw('direction', shape, (random) => random.normals(sizeOf(shape)));
    for (let k = 0; k < iterations; k++) {
      const at = stop(g, g.mul(unit(g, within(g, direction, fed)), g.scalar(probe)));
      direction = await scope.gradient(await pushed(at), at);
    }
    const distance = mean(g, await pushed(stop(g, g.mul(unit(g, direction), g.scalar(radius)))));
    utilisation(scope, belief);
    const unsure = mean(g, crossEntropies(g, clean.logits, softmax(g, clean.logits)));
    return {
      supervised: supervisedTerm(scope, labelled.logits, scope.labels),
      divergence: g.mul(g.scalar(weight), distance),
      ...(entropy > 0 && { entropy: g.mul(g.scalar(entropy), unsure) }),
    };
  },
});

/** Of each row: sum p (log p - log softmax logits). */
function divergence(g: Builder, p: Value, logits: Value): Value {
  const log = g.op('Log', [g.op('Clip', [p, g.scalar(1e-12)])]);
  return g.reduceSum(g.mul(p, g.sub(log, logSoftmax(g, logits))), [-1]);
}

/** Each series of length 1 over channels and steps. */
function unit(g: Builder, x: Value): Value {
  // of shares of the largest: where a network is sure, gradients are so small that their squares are 0
  const most = g.reduce('ReduceMax', g.op('Abs', [x]), [1, 2], true);
  const shares = g.op('Div', [x, g.op('Max', [most, g.scalar(1e-37)])]);
  const norm = g.op('Sqrt', [g.reduceSum(g.mul(shares, shares), [1, 2], true)]);
  return g.op('Div', [shares, g.op('Max', [norm, g.scalar(1e-12)])]);
}
