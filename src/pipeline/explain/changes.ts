/** changesOf: what a counterfactual changes of a row, feature by feature, in units and words. */

import { asPoints } from '../../counterfactual/ground/ground.js';
import type { Ground } from '../../counterfactual/index.js';
import type { FeatureChange } from '../../report/explain-report.js';
import { describeChange, describeValue, type Feature, isNumber, type Schema, toUnits } from '../../schema/index.js';

/** Those that change most, by share of their range, first. */
export function changesOf(
  schema: Schema,
  { bounds }: Pick<Ground, 'bounds'>,
  from: Float32Array,
  to: Float32Array,
  changed: readonly number[],
): FeatureChange[] {
  const [before, after] = [toUnits(schema, from), toUnits(schema, to)];
  const [start, end] = [asPoints(from, bounds), asPoints(to, bounds)];
  const share = (f: number): number =>
    schema.features[f]!.columns.reduce((sum, column) => sum + Math.abs(end[column]! - start[column]!), 0);
  return [...changed]
    .sort((a, b) => share(b) - share(a) || a - b)
    .map((f) => changeOf(schema.features[f]!, before[f]!, after[f]!));
}

function changeOf(feature: Feature, from: number, to: number): FeatureChange {
  const by = describeChange(feature, from, to);
  return {
    feature: feature.name,
    from: unitsOrName(feature, from),
    to: unitsOrName(feature, to),
    ...(isNumber(feature) && { by: rounded(to - from) }),
    text: { from: describeValue(feature, from), to: describeValue(feature, to), ...(by !== undefined && { by }) },
  };
}

/** Numbers as far as float32 tells them; names of levels and categories. */
const unitsOrName = (feature: Feature, value: number): number | string =>
  isNumber(feature) ? rounded(value) : describeValue({ ...feature, unit: undefined }, value);

const rounded = (value: number): number => Number(value.toPrecision(7));
