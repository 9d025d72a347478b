/** cfproto: the least change towards a prototype of the class that is wanted. */
import { neighbours as neighboursOf } from '../../density/index.js';
import type { Case } from '../case.js';
import { explainer } from '../explainer.js';
import { encodings } from '../latent/encodings.js';
import { elasticNet, netNeeds, netOptions } from '../search/elastic-net.js';
import { prototypes } from '../search/prototypes.js';
import { attraction, attractorInput } from '../terms/attraction.js';
import { latentAttraction, latentInput } from '../terms/latent.js';
import type { Term } from '../terms/term.js';

/**
 * Van Looveren, Klaise, Interpretable counterfactual explanations guided by prototypes (arXiv 1907.02584): the elastic net with `theta`
 * times the squared distance to a prototype and, if `gamma` says so, the error of an autoencoder. The prototype is the nearest example of
 * the class, the k-th nearest, the mean of the k nearest, or, where an encoder is given, the mean of the encodings of the k nearest or
 * of all; then the distance is between encodings.
 *
 * Ours: the class is that of the goal, where published it is the one whose prototype is nearest; theta is 10 as in alibi's examples of
 * tables, whose code has 0, without prototypes.
 */
export const cfproto = explainer({
  name: 'cfproto',
  paper: 'Van Looveren, Klaise, Interpretable counterfactual explanations guided by prototypes (arXiv 1907.02584)',
  asks: 'gradients',
  needs: (options) => [
    'reference',
    ...(options.prototype === 'encoder' ? (['encoder'] as const) : []),
    ...netNeeds(options),
  ],
  options: {
    prototype: {
      default: 'nearest',
      about: 'an example, the mean of several, or a mean of encodings',
      choices: ['nearest', 'mean', 'encoder'],
    },
    neighbours: {
      default: 1,
      about: 'examples that the prototype is made of; 0: all of the class',
      from: 0,
      whole: true,
    },
    theta: { default: 10, about: 'weight of the squared distance to the prototype', from: 0 },
    ...netOptions,
  },
  defaults: (_, { prototype }) => (prototype === 'encoder' ? { neighbours: 0 } : {}),
  async run(asked, { prototype, neighbours, theta, ...options }) {
    const many = neighbours || Number.POSITIVE_INFINITY;
    const term = prototype === 'encoder' ? await encodedTerm(asked, many) : treeTerm(asked, prototype, many);
    await elasticNet(asked, { ...options, terms: [{ term, weight: theta }] });
  },
});

function treeTerm(asked: Case, kind: 'nearest' | 'mean', neighbours: number): Term {
  const { reference, label, x, size } = asked;
  const chosen = prototypes(reference!.neighbours(label), reference!.of(label), x, { neighbours, kind });
  asked.feed(attractorInput, chosen, size);
  return attraction('prototype', chosen, size);
}

async function encodedTerm(asked: Case, neighbours: number): Promise<Term> {
  const { reference, label, x, size } = asked;
  const encoder = asked.companions.encoder!;
  const [codes, examples] = await encodings(encoder, [x, reference!.of(label)], size);
  const width = codes!.length / asked.count;
  const chosen = prototypes(neighboursOf(examples!, width), examples!, codes!, { neighbours, kind: 'mean' });
  asked.feed(latentInput, chosen, width);
  return latentAttraction(encoder, width);
}
