/** What came out of a shrinking, in a sentence. */
import { depthKinds } from '../depth/kinds.js';
import { percent, plural } from './format.js';
import { qualityChange, qualityText } from './prune-verdict.js';
import type { Change, GroupReport, ShrinkReport } from './shrink-report.js';

export const shareLeft = ({ before, after }: Change): number => (before === 0 ? 1 : after / before);

/** Whole blocks or branches, rather than units of groups. */
export const areBlocks = (groups: readonly GroupReport[]): boolean => groups.every(({ kind }) => kind in depthKinds);

export function shrinkVerdict({ groups, parameters, multiplications, quality, timing }: ShrinkReport): string {
  const gone = groups.reduce((sum, { units, left }) => sum + units - left, 0);
  const whole = groups.reduce((sum, { units }) => sum + units, 0);
  const went = areBlocks(groups) ? `${gone} of ${whole} ${groups[0]!.kind}` : `${plural(gone, 'unit')} of ${whole}`;
  const parts = [
    `${went} went; ${percent(shareLeft(parameters))} of the parameters and ${percent(shareLeft(multiplications))} of the multiplications are left`,
    ...(timing.latency
      ? [`a run takes ${percent(timing.latency.afterMs / timing.latency.beforeMs)} of the time it took`]
      : []),
    ...(quality
      ? [
          `${quality.metric} went from ${qualityText(quality, quality.before)} to ${qualityText(quality, quality.after)} (${qualityChange(quality)})`,
        ]
      : []),
  ];
  return `${parts.join('; ')}.`;
}
