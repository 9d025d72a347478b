/** Figures of one method on one ground. */
import { explainerNamed } from '../../dist/counterfactual/catalogue.js';
import { outcomesOf } from '../../dist/counterfactual/metrics/outcome.js';
import { summarize } from '../../dist/counterfactual/metrics/summary.js';
import { runExplainer } from '../../dist/counterfactual/run.js';
import { settledFor } from '../../dist/counterfactual/settled.js';
import { violations } from '../../dist/schema/index.js';

async function explained(ground, name, given) {
  const method = explainerNamed(name);
  return runExplainer(method, settledFor(method, given, ground), ground, { batch: 128 });
}

/** Means over the valid ones; violations after the model was asked again are counted here once more. */
export async function figuresOf(ground, name, given) {
  const findings = await explained(ground, name, given);
  const { instances, validity, overValid, overAll } = summarize(await outcomesOf(findings, ground));
  return {
    ...{ instances, validity: rounded(validity), ...meansOf(overValid), broken: brokenIn(findings, ground) },
    // a mean of log densities is that of the few that are far off
    ...(overValid.gmm && { gmmMedian: rounded(overValid.gmm.median) }),
    all: meansOf(overAll),
  };
}

const meansOf = (figures) =>
  Object.fromEntries(Object.entries(figures).map(([figure, { mean }]) => [figure, rounded(mean)]));

/** The same ground with its first instances alone. */
export function firstOf(ground, most) {
  const { network, instances } = ground;
  const { ids, inputs, logits, predicted, targets } = instances;
  const cut = (values, width = 1) => values.slice(0, most * width);
  return {
    ...ground,
    instances: {
      ...{ ...instances, count: Math.min(most, instances.count), ids: cut(ids) },
      ...{ inputs: cut(inputs, network.space.size), logits: cut(logits, network.classes) },
      ...{ predicted: cut(predicted), targets: cut(targets) },
    },
  };
}

function brokenIn(findings, { features: { schema }, instances, network }) {
  if (!schema) return 0;
  const { size } = network.space;
  return findings.filter(({ id, success, counterfactual }) => {
    const place = instances.ids.indexOf(id);
    const input = instances.inputs.subarray(place * size, (place + 1) * size);
    return success && violations(schema, input, counterfactual).length > 0;
  }).length;
}

/** Steps of each series that change, and the runs of neighbours that they make. */
export async function seriesFigures(ground, name, given) {
  const findings = await explained(ground, name, given);
  const valid = findings.filter(({ success }) => success);
  const runs = valid.map(({ changed }) => changed.filter((step, i) => i === 0 || changed[i - 1] !== step - 1).length);
  const lofs = (await outcomesOf(findings, ground)).filter(({ success }) => success).map(({ lof }) => lof);
  const mean = (values) => rounded(values.reduce((sum, value) => sum + value, 0) / values.length);
  return {
    instances: findings.length,
    validity: rounded(valid.length / findings.length),
    lof: mean(lofs),
    l0: mean(valid.map(({ changed }) => changed.length)),
    runs: mean(runs),
    mostRuns: Math.max(...runs),
    seconds: mean(findings.map(({ seconds }) => seconds)),
  };
}

const rounded = (value) => Number(value.toPrecision(5));
