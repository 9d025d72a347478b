/** bestOf: the form that is written, the one with least of what was asked for among those that cost no more than was allowed. */
import { exitCodes, UserError } from '../../../errors.js';
import { isToldApart } from '../../../report/bench-figures.js';
import type { BenchedModel } from '../../../report/bench-report.js';
import { relativeDrop } from '../../quality.js';
import type { ConvertInputs } from '../request.js';
import type { Attempt } from './attempt.js';
import { type Measure, measures } from './auto.js';

/** An attempt with its figures; only what runs has them. */
export interface Tried extends Attempt {
  readonly bench?: BenchedModel;
}

/** What an output may be off by where nothing was said. */
export const usualMostError = 0.01;

export interface Limits {
  readonly maxError?: number;
  readonly maxDrop?: number;
}

export const limitsOf = ({ maxError, maxDrop }: Pick<ConvertInputs, 'maxError' | 'maxDrop'>): Limits => ({
  ...(maxError !== undefined && { maxError }),
  ...(maxDrop !== undefined && { maxDrop }),
  ...(maxError === undefined && maxDrop === undefined && { maxError: usualMostError }),
});

/** Whether outputs and quality are within the limits; what cannot be compared is not. */
export function isWithin(
  { maxError, maxDrop }: Limits,
  { outputs, quality }: Pick<Attempt, 'outputs' | 'quality'>,
): boolean {
  const worst = Math.max(...outputs.outputs.map(({ relative }) => relative ?? Number.POSITIVE_INFINITY));
  const isComparable = outputs.failure === undefined && outputs.outputs.length > 0;
  const holdsError = maxError === undefined || (isComparable && worst <= maxError);
  const holdsDrop =
    maxDrop === undefined || (quality !== undefined && relativeDrop(quality.before, quality.after) <= maxDrop);
  return holdsError && holdsDrop;
}

/** @throws UserError (exit 4) when no form has less than the original within the limits. */
export function bestOf(
  tried: readonly Tried[],
  original: BenchedModel | undefined,
  by: Measure,
  limits: Limits,
): Tried {
  const figureOf = figures[by];
  const better = tried.flatMap((each) => {
    const figure = each.bench && original && isWithin(limits, each) ? figureOf(each.bench, original) : undefined;
    return figure === undefined ? [] : [{ each, figure }];
  });
  if (better.length > 0) return better.reduce((a, b) => (b.figure < a.figure ? b : a)).each;
  const allowed = [
    limits.maxError !== undefined && `outputs change by at most ${limits.maxError} of their norm`,
    limits.maxDrop !== undefined && `quality drops by at most ${limits.maxDrop}`,
  ].filter(Boolean);
  throw new UserError(
    'convert',
    `expected a form whose ${allowed.join(' and ')} and that has less ${measures[by]} than the model, got none of ${tried.length}; nothing was written: allow more, choose another --set by, or leave out --output for the table of all`,
    { exitCode: exitCodes.gate },
  );
}

/** What a form has as a fraction of what the original has; undefined where that is no less. */
const figures: Readonly<Record<Measure, (form: BenchedModel, original: BenchedModel) => number | undefined>> = {
  bytes: ({ file }, original) => below(file.bytes / original.file.bytes),
  gzip: ({ file }, original) => below(file.gzipBytes! / original.file.gzipBytes!),
  load: ({ load }, original) => below(load!.medianMilliseconds / original.load!.medianMilliseconds),
  // noise is no gain
  latency: ({ ratio }) => (ratio && isToldApart(ratio) ? below(ratio.median) : undefined),
  p95: ({ latency }, original) => below(latency.p95Milliseconds / original.latency.p95Milliseconds),
  memory: ({ memory }, original) => below(memory!.bytes / original.memory!.bytes),
};

const below = (ratio: number): number | undefined => (ratio < 1 ? ratio : undefined);
