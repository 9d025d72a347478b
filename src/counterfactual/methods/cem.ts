/** cem: what would have to be there for another class: the pertinent negatives of contrastive explanations. */

import type { Case } from '../case.js';
import { explainer, type Need } from '../explainer.js';
import { asPoints } from '../ground/ground.js';
import { type BaseName, baseOf, bases } from '../search/base.js';
import { type Box, elasticNet, netNeeds, netOptions } from '../search/elastic-net.js';

export const paper =
  'Dhurandhar et al., Explanations based on the missing: towards contrastive explanations with pertinent negatives (arXiv 1802.07623)';

/** As CARLA sets it. */
export const cemOptions = {
  ...netOptions,
  kappa: { ...netOptions.kappa, default: 0.1 },
  beta: { ...netOptions.beta, default: 0.9 },
  rounds: { ...netOptions.rounds, default: 9 },
  steps: { ...netOptions.steps, default: 100 },
} as const;

/**
 * Dhurandhar, Chen, Luss, Tu, Ting, Shanmugam, Das, Explanations based on the missing (arXiv 1802.07623), pertinent negatives: the elastic
 * net with, if `gamma` says so, the error of an autoencoder. Numbers may only move away from the base, so that something is added to the
 * instance and nothing is taken from it: what cannot be reached that way has no pertinent negative, unless `base=none`. For what has to be
 * there for the class of the instance see `pertinentPositives`.
 *
 * Ours: a number stays on its side of the base, where alibi lets it cross if it ends farther away; categories are exchanged whole, and so
 * are free; a find meets the goal, published is that it meets it by kappa.
 */
export const cem = explainer({
  name: 'cem',
  paper,
  asks: 'gradients',
  needs: cemNeeds,
  options: {
    base: { default: 'zero', about: 'what numbers move away from', choices: [...bases, 'none'] },
    ...cemOptions,
  },
  async run(asked, { base, ...options }) {
    await elasticNet(asked, { ...options, ...(base !== 'none' && { box: awayFrom(asked, base) }) });
  },
});

/** What a base and the rest cannot do without. */
export function cemNeeds(options: { readonly base: BaseName | 'none'; readonly gamma: number }): Need[] {
  return [...(options.base === 'median' ? (['reference'] as const) : []), ...netNeeds(options)];
}

function awayFrom(asked: Case, name: BaseName): Box {
  const { size, x, features } = asked;
  const base = asPoints(baseOf(name, asked), asked.bounds);
  const isCategory = (i: number): boolean => features.schema?.features[features.labels[i]!]?.type === 'categorical';
  return {
    lower: asked.lower.map((low, at) => (x[at]! > base[at % size]! && !isCategory(at % size) ? x[at]! : low)),
    upper: asked.upper.map((high, at) => (x[at]! < base[at % size]! && !isCategory(at % size) ? x[at]! : high)),
  };
}
