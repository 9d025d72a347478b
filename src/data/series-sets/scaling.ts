/** Scaling of series in memory: by the figures of the series trained on, by given ones, or each by its own. */
import { readStandardise, type Scale, type Standardise, scaleCollector, scaleFrom } from '../preprocess/standardise.js';
import type { Series } from '../series.js';

/** As `Standardise`, or by the figures of all series that are trained on, labelled or not. */
export interface TrainingStandardise {
  readonly kind: Standardise['kind'];
  readonly over: Standardise['over'] | 'training';
}

/** Numbers to scale by: one scale a channel, or `each` series by its own figures. */
export interface Scaling {
  readonly kind: Standardise['kind'];
  readonly by: 'each' | readonly Scale[];
}

/**
 * As `readStandardise`, and `z:training` or `min-max:training`; a file of that name is `./training`.
 * @returns what is wrong with the text when it is none of these.
 */
export function readTrainingStandardise(text: string): TrainingStandardise | undefined | string {
  const [, kind] = /^(min-max|z):training$/.exec(text) ?? [];
  if (kind === 'min-max' || kind === 'z') return { kind, over: 'training' };
  const found = readStandardise(text);
  return typeof found === 'string' ? found.replace('with :FILE', 'with :training, :FILE') : found;
}

/** One scale a channel, over all steps of all series that have values. */
export function scalesOf(series: Series, kind: Standardise['kind']): Scale[] {
  const { channels } = series;
  const collectors = Array.from({ length: channels }, () => scaleCollector(kind));
  for (let row = 0; row < series.count; row++) {
    for (let channel = 0; channel < channels; channel++)
      for (const value of stepsOf(series, row, channel)) collectors[channel]!.add(value);
  }
  return collectors.map(({ scale }) => scale());
}

/** The same scale for all channels. */
export const scalesFrom = (standardise: Standardise, numbers: readonly [number, number], channels: number): Scale[] =>
  Array.from({ length: channels }, () => scaleFrom(standardise, numbers));

/** Series scaled, (x - offset) / divisor; the zeros after a series stay 0. What else is known of them stays. */
export function scaled<T extends Series>(series: T, { kind, by }: Scaling): T {
  const values = new Float32Array(series.values.length);
  for (let row = 0; row < series.count; row++) {
    for (let channel = 0; channel < series.channels; channel++) {
      const own = stepsOf(series, row, channel);
      const { offset, divisor } = by === 'each' ? scaleOf(own, kind) : by[channel]!;
      const from = (row * series.channels + channel) * series.length;
      for (let step = 0; step < own.length; step++) values[from + step] = (own[step]! - offset) / divisor;
    }
  }
  return { ...series, values };
}

function scaleOf(values: Float32Array, kind: Standardise['kind']): Scale {
  const collector = scaleCollector(kind);
  for (const value of values) collector.add(value);
  return collector.scale();
}

/** Those that have values. */
function stepsOf({ channels, length, values, lengths }: Series, row: number, channel: number): Float32Array {
  const from = (row * channels + channel) * length;
  return values.subarray(from, from + (lengths?.[row] ?? length));
}
