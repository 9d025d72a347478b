/** Summaries of what a method found, with the features of a table by name. */
import { type Outcome, type Statistic, summarize } from '../../counterfactual/index.js';
import { figureNames } from '../../report/explain-form.js';
import type { ExplainedInstance, ExplainedMethod } from '../../report/explain-report.js';
import { isNumber, type Schema } from '../../schema/index.js';

type Summary = ExplainedMethod['summary'];

/** @param instances the same as the outcomes, in words. */
export function summaryOf(
  outcomes: readonly Outcome[],
  instances: readonly ExplainedInstance[],
  schema: Schema | undefined,
): Summary {
  const { instances: count, validity, overValid, overAll, reasons, changes } = summarize(outcomes);
  const found = outcomes.filter(({ success }) => success).length;
  return {
    instances: count,
    found,
    validity,
    overValid: without(overValid),
    overAll: without(overAll),
    changes: schema
      ? changes.map(({ feature, count: times }) => ({
          feature: schema.features[feature]!.name,
          count: times,
          share: times / found,
          ...movesOf(schema, feature, instances),
        }))
      : [],
    reasons: { ...reasons },
  };
}

const without = (all: Partial<Record<string, Statistic>>): Summary['overValid'] =>
  Object.fromEntries(figureNames.flatMap((name) => (all[name] ? [[name, all[name]]] : [])));

/** Which way a feature goes, in the best counterfactual of each instance. */
function movesOf(schema: Schema, f: number, instances: readonly ExplainedInstance[]) {
  const feature = schema.features[f]!;
  const own = instances.flatMap(
    ({ counterfactuals: [best] }) => best?.changes?.filter((change) => change.feature === feature.name) ?? [],
  );
  if (isNumber(feature)) {
    const by = own.flatMap((change) => change.by ?? []).sort((a, b) => a - b);
    const half = by.length >> 1;
    return {
      up: by.filter((each) => each > 0).length,
      down: by.filter((each) => each < 0).length,
      median: by.length % 2 === 1 ? by[half]! : (by[half - 1]! + by[half]!) / 2,
    };
  }
  const times = new Map<string, number>();
  for (const { to } of own) times.set(String(to), (times.get(String(to)) ?? 0) + 1);
  return { mostOften: [...times].sort((a, b) => b[1] - a[1])[0]![0] };
}
