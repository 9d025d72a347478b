/** tryAll: every candidate made and compared, one after the other; what does not fit is told with its reason. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isInterruption, UserError } from '../../../errors.js';
import type { FormsReport } from '../../../report/forms-report.js';
import { type Judged, qualityBefore } from '../measure.js';
import { sceneOf } from '../scene.js';
import { type Attempt, attempt } from './attempt.js';
import type { Candidate } from './candidates.js';
import type { FormsScene } from './scene.js';

export interface TriedAll {
  readonly tried: readonly Attempt[];
  readonly left: FormsReport['left'];
}

/** The target's own name begins most of what it says. */
const withoutName = (message: string, { target }: Candidate): string =>
  message.startsWith(`${target}: `) ? message.slice(target.length + 2) : message;

/** @param folder where each gets one of its own. @throws UserError as the first candidate did where none fits. */
export async function tryAll(
  candidates: readonly Candidate[],
  { stand, ...rest }: FormsScene,
  folder: string,
): Promise<TriedAll> {
  const { request, context } = rest;
  const tried: Attempt[] = [];
  const left: FormsReport['left'][number][] = [];
  const refusals: UserError[] = [];
  let judged: Promise<Judged | undefined> | undefined;
  for (const [i, candidate] of candidates.entries()) {
    context.signal.throwIfAborted();
    context.emit({ type: 'progress', stage: 'try forms', done: i, total: candidates.length, unit: 'forms' });
    if (candidate.lacks !== undefined) {
      left.push({ name: candidate.name, reason: candidate.lacks });
      continue;
    }
    const place = join(folder, `${i}`);
    mkdirSync(place);
    try {
      const scene = await sceneOf(stand, request, candidate);
      const trial = { ...rest, scene, before: () => (judged ??= qualityBefore(trial)) };
      tried.push(await attempt(candidate, trial, place));
    } catch (error) {
      if (!(error instanceof UserError) || isInterruption(error)) throw error;
      rmSync(place, { recursive: true, force: true });
      refusals.push(error);
      left.push({ name: candidate.name, reason: withoutName(error.message, candidate) });
    }
  }
  if (tried.length > 0) return { tried, left };
  throw refusals[0] ?? new UserError('convert', `expected a form that can be made, got none: ${left[0]?.reason}`);
}
