/** What a prune run came to, in one sentence. */
import { change, count, figure, percent, plural } from './format.js';
import type { PruneReport, QualityChange } from './prune-report.js';

/** For example: `50.0 % of the 7,077,888 weights of 6 layers are zero after wanda; perplexity rose from 12.31 to 14.02 (+13.9 %).` */
export function verdict(report: PruneReport): string {
  const { settings, layers, selected, quality, model } = report;
  const zeros = fractionZero(selected.after);
  const already = fractionZero(selected.before);
  const was = already >= 0.0005 ? ` (${percent(already)} before)` : '';
  const fitted = report.kind === 'prune' ? fittedBy(settings.reconstruction) : '';
  const done = `${percent(zeros)} of the ${count(selected.after.total)} weights of ${plural(layers.length, 'layer')} are zero after ${settings.method}${fitted}${was}`;
  const dense = quality?.dense === undefined ? '' : `; the dense model has ${qualityText(quality, quality.dense)}`;
  const cost = quality && `${quality.metric} ${movement(quality)}${dense}`;
  const { gzipBytes: before } = model.before;
  const { gzipBytes: after } = model.after;
  const size =
    before &&
    after &&
    before !== after &&
    `the compressed file is ${percent(Math.abs(1 - after / before))} ${after < before ? 'smaller' : 'larger'}`;
  return `${[done, cost, size].filter(Boolean).join('; ')}.`;
}

const fittedBy = (how: PruneReport['settings']['reconstruction']): string =>
  how === undefined ? '' : how.retraining === undefined ? ` and reconstruction by ${how.regions}` : ' and retraining';

export const fractionZero = ({ total, nonZero }: { readonly total: number; readonly nonZero: number }): number =>
  total === 0 ? 0 : 1 - nonZero / total;

/** A quality figure in its unit. */
export const qualityText = ({ unit }: QualityChange, value: number): string =>
  unit === 'fraction' ? percent(value, 2) : figure(value);

/** Percentage points for fractions, percent of the value before for everything else. */
export function qualityChange({ unit, before, after }: QualityChange): string {
  if (unit !== 'fraction' || before === after) return change(before, after);
  return `${after > before ? '+' : '−'}${percent(Math.abs(after - before), 2).replace('%', 'points')}`;
}

function movement(quality: QualityChange): string {
  const { before, after } = quality;
  const [from, to] = [qualityText(quality, before), qualityText(quality, after)];
  if (before === after) return `stayed at ${to}`;
  return `${after > before ? 'rose' : 'fell'} from ${from} to ${to} (${qualityChange(quality)})`;
}
