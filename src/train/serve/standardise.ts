/** Standardisation as nodes: what data/preprocess does to a series before it is fed, done inside the model. */
import type { Scale, Standardise } from '../../data/preprocess/standardise.js';
import type { Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
import { float32 } from '../../tensor/tensor.js';

/** `none`; by scales, one a channel or one for all; or every series by its own figures, channel by channel. */
export type Standardisation =
  | { readonly kind: 'none' }
  | { readonly kind: Standardise['kind']; readonly over: 'each' }
  | { readonly kind: Standardise['kind']; readonly over: readonly Scale[] };

/** Starts the names of all values of a standardisation. */
export const standardisePrefix = 'standardise';

/** Where a series lies in the input: [batch, channels, steps], [batch, steps, channels], or [batch, steps]. */
export interface SeriesAxes {
  readonly rank: 2 | 3;
  readonly stepsFirst: boolean;
}

/**
 * The series x, float32, standardised. A series that is constant, by itself or within its end, gives zeros.
 * @param mask float32 [batch, steps]: what stands behind the end of a series has no say, and becomes zero.
 */
export function emitStandardise(
  g: Builder,
  x: Value,
  mask: Value | undefined,
  how: Standardisation,
  axes: SeriesAxes,
): Value {
  if (how.kind === 'none') return x;
  const valid = mask && inAxes(g, mask, axes);
  if (how.over !== 'each') return within(g, byScales(g, x, how.over, axes), valid);
  const along = [axes.rank === 3 && !axes.stepsFirst ? 2 : 1];
  const unit = toUnit(g, x, valid, along);
  return how.kind === 'min-max' ? unit : toZ(g, unit, valid, along);
}

/** [batch, steps] with an axis for the channels, in forms that mean the same in every opset. */
const inAxes = (g: Builder, mask: Value, { rank, stepsFirst }: SeriesAxes): Value =>
  rank === 2 ? mask : g.reshape(mask, stepsFirst ? [0, -1, 1] : [0, 1, -1]);

const within = (g: Builder, x: Value, valid: Value | undefined): Value => (valid ? g.mul(x, valid) : x);

function byScales(g: Builder, x: Value, scales: readonly Scale[], { rank, stepsFirst }: SeriesAxes): Value {
  const [first] = scales as readonly [Scale];
  const isOne = scales.every(({ offset, divisor }) => offset === first.offset && divisor === first.divisor);
  const shape = isOne ? [] : rank === 3 && !stepsFirst ? [scales.length, 1] : [scales.length];
  const stored = (part: keyof Scale): Value =>
    g.constant(
      float32(
        shape,
        Float32Array.from(isOne ? [first] : scales, (scale) => scale[part]),
      ),
      part,
    );
  return g.op('Div', [g.sub(x, stored('offset')), stored('divisor')]);
}

/** The largest float32: no value is beyond it. */
const highest = 3.4028234663852886e38;

/** To [0, 1], its lowest value at 0 to the bit: what is constant is 0 everywhere. */
function toUnit(g: Builder, x: Value, valid: Value | undefined, along: readonly number[]): Value {
  const isValid = valid && g.op('Greater', [valid, g.scalar(0)]);
  const orElse = (value: number): Value => (isValid ? g.op('Where', [isValid, x, g.scalar(value)]) : x);
  const lowest = g.reduce('ReduceMin', orElse(highest), along, true);
  const spread = g.sub(g.reduce('ReduceMax', orElse(-highest), along, true), lowest);
  return within(g, g.op('Div', [g.sub(x, lowest), orOne(g, spread)]), valid);
}

/** To mean 0 and deviation 1, of values whose size is near 1: neither their mean nor their squares lose digits. */
function toZ(g: Builder, x: Value, valid: Value | undefined, along: readonly number[]): Value {
  // the share of the steps that are valid; a row without any, as batches are filled up with, stays zero
  const share = valid && g.op('Max', [g.reduce('ReduceMean', valid, along, true), g.scalar(2 ** -100)]);
  const meanOf = (values: Value): Value => {
    const mean = g.reduce('ReduceMean', values, along, true);
    return share ? g.op('Div', [mean, share]) : mean;
  };
  const centred = within(g, g.sub(x, meanOf(x)), valid);
  const deviation = g.op('Sqrt', [meanOf(g.mul(centred, centred))]);
  return g.op('Div', [centred, orOne(g, deviation)]);
}

const orOne = (g: Builder, spread: Value): Value =>
  g.op('Where', [g.op('Greater', [spread, g.scalar(0)]), spread, g.scalar(1)]);
