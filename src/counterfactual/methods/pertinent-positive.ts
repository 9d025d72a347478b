/** pertinentPositives: what of an instance is enough for its class. */
import { UserError } from '../../errors.js';
import { asking } from '../../oracle/readings.js';
import type { OptionValues } from '../../settings/index.js';
import { explainer } from '../explainer.js';
import type { Finding, RunOptions } from '../finding.js';
import type { Features } from '../ground/features.js';
import { isRange } from '../ground/goals.js';
import type { Ground } from '../ground/ground.js';
import { runExplainer } from '../run.js';
import { type BaseName, baseOf, bases } from '../search/base.js';
import { elasticNet } from '../search/elastic-net.js';
import { cemNeeds, cemOptions, paper } from './cem.js';

/**
 * From a base that says nothing towards the instance, as little of it as keeps its class: the elastic net, whose goal is the class of the
 * instance and whose box lies between the two. The whole instance is proposed first, so that there is always one.
 */
export const pertinentPositive = explainer({
  name: 'pertinent-positive',
  paper,
  asks: 'gradients',
  needs: cemNeeds,
  options: { base: { default: 'zero', about: 'what elements are that are left out', choices: bases }, ...cemOptions },
  async run(asked, options) {
    const { x, lower, upper } = asked;
    const whole = x.map((value, at) => (upper[at]! > value ? upper[at]! : lower[at]!));
    await asked.propose(whole, asked.all);
    await elasticNet(asked, options);
  },
});

/**
 * Dhurandhar et al., Explanations based on the missing (arXiv 1802.07623), pertinent positives. Of a finding `counterfactual` is what of
 * the instance is enough, all else at the base; `changed` are the features that it holds, and `target` is the class of the instance,
 * which is kept by the margin or with the probability of the ground's wish. A schema says which columns are one feature and no more:
 * what is left out need not be allowed.
 * @throws UserError for a goal that is a range.
 */
export async function pertinentPositives(
  ground: Ground,
  options: OptionValues<typeof pertinentPositive.options>,
  run: RunOptions,
): Promise<Finding[]> {
  if (isRange(ground.wish.goal))
    throw new UserError('explain', 'pertinent-positive expected a classifier, got a range as goal; ask for a class');
  return runExplainer(pertinentPositive, options, await fromBase(ground, options.base), run);
}

async function fromBase(ground: Ground, name: BaseName): Promise<Ground> {
  const { instances, features, model } = ground;
  const base = baseOf(name, ground);
  const inputs = instances.inputs.map((_, at) => base[at % base.length]!);
  return {
    ...ground,
    features: countedAlike(features),
    mask: undefined,
    instances: {
      ...instances,
      inputs,
      ends: instances.inputs,
      targets: instances.predicted,
      logits: await asking(model)(inputs, instances.count, instances.others),
    },
  };
}

const countedAlike = ({ count, labels }: Features): Features => ({
  count,
  labels,
  costs: new Float32Array(count).fill(1),
  weights: new Float32Array(labels.length).fill(1),
  isPlain: true,
});
