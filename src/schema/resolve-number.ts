/** The scale, range and step of a number: what was written, checked, or else what the data say. */
import type { Scale } from '../data/preprocess/standardise.js';
import type { Observed } from './observed.js';
import type { Complain } from './resolve-feature.js';
import type { NumberFeature } from './schema.js';
import type { FeatureEntry } from './schema-form.js';
import { onGrid } from './units.js';

type NumberEntry = FeatureEntry & { readonly type: NumberFeature['type'] };

export function resolveNumber(
  entry: NumberEntry,
  observed: Observed,
  complain: Complain,
): Pick<NumberFeature, 'scale' | 'range' | 'step'> {
  const scale = scaleOf(entry, complain);
  const step = stepOf(entry, complain);
  const seen = inUnits(observed, scale, step);
  if (!entry.range) {
    if (!seen) throw complain("expected values in the column, found none; give 'range'");
    if (entry.type === 'integer' && !entry.scale && !observed.isInteger)
      throw complain("expected whole numbers in the column, got others; give 'scale', or change the type", 'type');
    return { scale, range: seen, step };
  }
  const [low, high] = entry.range;
  if (low > high) throw complain(`expected the lower value first, got [${low}, ${high}]; swap them`, 'range');
  if (entry.type === 'integer' && !(Number.isInteger(low) && Number.isInteger(high)))
    throw complain(`expected whole numbers, got [${low}, ${high}]; correct them, or change the type`, 'range');
  if (seen && (seen[0] > high || seen[1] < low))
    throw complain(
      `expected some of the data in it, got [${low}, ${high}] where they are ${seen[0]} to ${seen[1]}; give range and scale in the same units`,
      'range',
    );
  return { scale, range: [low, high], step };
}

function scaleOf({ scale }: NumberEntry, complain: Complain): Scale {
  if (!scale) return { offset: 0, divisor: 1 };
  if ('min' in scale) {
    if (scale.min < scale.max) return { offset: scale.min, divisor: scale.max - scale.min };
    throw complain(`expected a min below the max, got ${scale.min} and ${scale.max}; correct them`, 'scale');
  }
  if (scale.deviation > 0) return { offset: scale.mean, divisor: scale.deviation };
  throw complain(`expected a deviation above 0, got ${scale.deviation}; correct it`, 'scale');
}

function stepOf({ type, step }: NumberEntry, complain: Complain): number | undefined {
  if (type === 'continuous') return step;
  if (step === undefined || Number.isInteger(step)) return step ?? 1;
  throw complain(`expected a whole step for an integer, got ${step}; correct it, or change the type`, 'step');
}

/** The values that were seen, their ends on multiples of the step where they are as good as there. */
function inUnits({ low, high }: Observed, scale: Scale, step: number | undefined): [number, number] | undefined {
  if (low > high) return undefined;
  const [first, last] = [low, high].map((column) => onGrid(column, scale, step && { from: 0, step }));
  return [first!, last!];
}
