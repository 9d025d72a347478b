/** What a conversion came to, in one sentence and in figures before and after. */
import type { ConvertReport, OutputError } from './convert-report.js';
import { bytes, change, figure, milliseconds, percent, plural } from './format.js';
import { qualityChange, qualityText } from './prune-verdict.js';

/** For example: `14.0 MB became 7.06 MB (−49.7 %) as float16; outputs changed by 0.0256 % of their norm at most; a run takes 1.2 times as long.` */
export function convertVerdict({ target, model, outputs, quality, timing }: ConvertReport): string {
  const { before, after } = model;
  const worst = worstOutput(outputs.outputs);
  const parts = [
    `${bytes(before.bytes)} became ${bytes(after.bytes)} (${change(before.bytes, after.bytes)}) as ${target}`,
    worst &&
      `outputs ${worst.relative === 0 ? 'are the same to the bit' : `changed by ${relativeText(worst)} of their norm at most`}`,
    quality &&
      `${quality.metric} is ${qualityText(quality, quality.after)} (${qualityText(quality, quality.before)} before)`,
    timing.latency && `a run takes ${(timing.latency.afterMs / timing.latency.beforeMs).toFixed(2)} times as long`,
  ];
  return `${parts.filter(Boolean).join('; ')}.`;
}

export const worstOutput = (outputs: readonly OutputError[]): OutputError | undefined =>
  outputs.length === 0
    ? undefined
    : outputs.reduce((a, b) =>
        (b.relative ?? Number.POSITIVE_INFINITY) > (a.relative ?? Number.POSITIVE_INFINITY) ? b : a,
      );

export const relativeText = ({ relative }: { readonly relative: number | null }): string =>
  relative === null ? 'values that are no numbers' : percentOf(relative);

/** Small errors keep their digits. */
export const percentOf = (fraction: number): string =>
  fraction === 0 || fraction >= 1e-3 ? percent(fraction, 2) : `${figure(100 * fraction)}\u202f%`;

export interface ConvertFigure {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly change: string;
}

/** Sizes, quality and times, as far as they were measured. */
export function convertFigures({ model, quality, timing }: ConvertReport): ConvertFigure[] {
  const { gzipBytes: gzipBefore } = model.before;
  const { gzipBytes: gzipAfter } = model.after;
  const row = (name: string, before: number, after: number, show: (value: number) => string): ConvertFigure => ({
    name,
    before: show(before),
    after: show(after),
    change: change(before, after),
  });
  return [
    row('file size', model.before.bytes, model.after.bytes, bytes),
    ...(gzipBefore && gzipAfter ? [row('gzip -6 size', gzipBefore, gzipAfter, bytes)] : []),
    ...(quality
      ? [
          {
            name: quality.metric,
            before: qualityText(quality, quality.before),
            after: qualityText(quality, quality.after),
            change: qualityChange(quality),
          },
        ]
      : []),
    ...(timing.opening ? [row('opening the file', timing.opening.beforeMs, timing.opening.afterMs, milliseconds)] : []),
    ...(timing.latency ? [row('median latency', timing.latency.beforeMs, timing.latency.afterMs, milliseconds)] : []),
  ];
}

export const tensorCount = (count: number): string => plural(count, 'tensor');
