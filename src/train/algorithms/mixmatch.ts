/** mixMatch: sharpened guesses for unlabelled series, and everything mixed with everything. */
import type { Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
import { stop } from '../../ops/stop.js';
import { quantised, uniform } from '../../settings/index.js';
import { beta } from '../../tensor/distributions.js';
import { algorithm } from '../algorithm.js';
import { utilisation } from '../parts/guesses.js';
import { linearRamp } from '../parts/schedules.js';
import { supervisedTerm } from '../parts/supervised-term.js';
import { joined, mean, rows, softmax, squaredDistance, within } from '../parts/terms.js';

/**
 * Berthelot et al., MixMatch (arXiv 1905.02249), as Goschenhofer et al. (arXiv 2102.03622) carry it over to series: the class of an
 * unlabelled series is guessed as the mean over `views` augmented views, sharpened by `temperature`; labelled and unlabelled
 * series are mixed with a permutation of all of them, by a share of Beta(`alpha`, `alpha`) that is at least a half; cross-entropy for the
 * labelled ones, squared distance of probabilities for the others. All that is mixed goes through the network in one pass, so
 * that BatchNormalization sees labelled and unlabelled series together; published code interleaves batches to that end.
 */
export const mixMatch = algorithm({
  name: 'mixmatch',
  description: 'sharpened guesses over several views, and convex mixtures of labelled and unlabelled series',
  paper: 'Berthelot et al., MixMatch: a holistic approach to semi-supervised learning (arXiv 1905.02249)',
  options: {
    alpha: {
      default: 0.75,
      about: 'of the Beta distribution that shares of mixtures are drawn from',
      from: 0.01,
      to: 100,
      search: quantised(0.5, 1, 0.05),
    },
    temperature: { default: 0.5, about: 'of sharpening: below 1 guesses become surer', from: 0.01, to: 1 },
    weight: {
      default: 20,
      about: 'of the term of unlabelled series, once it is ramped up',
      from: 0,
      search: uniform(0, 150),
    },
    rampUp: {
      default: 0.1,
      about: 'share of the steps over which that weight rises, linearly',
      from: 0,
      to: 1,
      search: uniform(0.1, 1),
    },
    views: { default: 2, about: 'of an unlabelled series that its class is guessed from', from: 1, to: 8, whole: true },
  },
  usual: { epochs: 256, chooseFrom: 0.5, average: 0.98 },
  folded: 'the same loss; mixed and unmixed series need no common statistics',
  async loss(scope, options, { augmented }) {
    const { g, sizes } = scope;
    const { labelled, unlabelled } = sizes;
    const views = Array.from({ length: options.views }, (_, copy) => scope.unlabelled(augmented, copy));
    // the first pass, which running statistics follow: mixtures are flatter than what the network will meet
    const guessed = softmax(g, (await scope.student(joined(g, views))).logits);
    const parts = views.map((_, k) => rows(g, guessed, k * unlabelled, (k + 1) * unlabelled));
    const average = g.mul(
      parts.reduce((sum, part) => g.add(sum, part)),
      g.scalar(1 / views.length),
    );
    const guesses = stop(g, sharpened(scope.g, average, options.temperature));

    const all = joined(g, [scope.labelled(augmented), ...views]);
    const targets = g.concat([scope.labels, ...views.map(() => guesses)], 0);
    const share = scope.draw('mixing share', [], (random) => {
      const drawn = beta(random, 0, options.alpha, options.alpha);
      return Float32Array.of(Math.max(drawn, 1 - drawn));
    });
    const order = g.op(
      'Cast',
      [scope.draw('mixing order', [all.size], (random) => Float32Array.from(random.permutation(all.size)))],
      { to: 7 },
    );
    const mix = (x: Value): Value => {
      const other = g.op('Gather', [x, order], { axis: 0 });
      return g.add(g.mul(x, share), g.mul(other, g.sub(g.scalar(1), share)));
    };
    const mask = all.mask && g.op('Max', [all.mask, g.op('Gather', [all.mask, order], { axis: 0 })]);
    // what stands behind the end of one series would come to lie within another
    const said = await scope.student({ x: mix(within(g, all.x, all)), size: all.size, ...(mask && { mask }) });
    const mixed = mix(targets);

    const ramp = scope.factor('unlabelled weight', linearRamp(options.weight, options.rampUp));
    const distance = squaredDistance(
      g,
      softmax(g, rows(g, said.logits, labelled, all.size)),
      rows(g, mixed, labelled, all.size),
    );
    utilisation(scope, guesses);
    scope.watch('guess confidence', mean(g, g.reduce('ReduceMax', average, [-1])));
    return {
      supervised: supervisedTerm(scope, rows(g, said.logits, 0, labelled), rows(g, mixed, 0, labelled)),
      unlabelled: g.mul(ramp, distance),
    };
  },
});

/** Powers of 1 / temperature, brought back to sum 1. */
function sharpened(g: Builder, p: Value, temperature: number): Value {
  // of shares of the largest, as powers of small numbers alone would all be 0
  const shares = g.op('Div', [p, g.reduce('ReduceMax', p, [-1], true)]);
  const powers = g.op('Pow', [shares, g.scalar(1 / temperature)]);
  return g.op('Div', [powers, g.reduceSum(powers, [-1], true)]);
}
