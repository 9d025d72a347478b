/** ledger: the account of a search: what trials came to, which of it was known, and what time it took. */
import { exitCodes, UserError } from '../../errors.js';
import { heed } from '../../heed.js';
import { isDivergence } from '../divergence.js';
import { byRank, type KeptOutcome, type Outcome, type Trial, type TrialRecord } from './trial.js';
import { minus, noWork, plus, type Work } from './work.js';

export interface LedgerOptions {
  /** Trains and judges; called for one trial at a time. A divergence may be thrown or told. */
  evaluate(trial: Trial): Promise<Outcome>;
  /** No evaluation begins after them; those of earlier starts count. */
  readonly minutes?: number;
  /** Outcomes of an earlier start by their key: they are not evaluated again. */
  readonly known?: ReadonlyMap<string, KeptOutcome>;
  /** Milliseconds of earlier starts that no known outcome holds; default 0. */
  readonly lost?: number;
  /** Called with what a later start may know. */
  onOutcome?(trial: Trial, outcome: KeptOutcome): void | Promise<void>;
  /** Called before the first evaluation that is not known, and after each. */
  onProgress?(progress: SearchProgress): void;
  readonly signal?: AbortSignal;
  /** In milliseconds; default: `performance.now`. */
  now?(): number;
}

export interface SearchProgress {
  /** Earlier starts included. */
  readonly done: Work;
  /** At most; absent where only time ends the search. */
  readonly left?: Work;
  /** That what is done took. */
  readonly milliseconds: number;
  /** Absent without `minutes`. */
  readonly millisecondsLeft?: number;
  /** So far. */
  readonly best?: TrialRecord;
}

export interface SearchResult {
  /** In the order they were started. */
  readonly trials: readonly TrialRecord[];
  /** By score on the last rung it has come to, then by log loss, then the one that was started earlier. */
  readonly best: TrialRecord;
  readonly done: Work;
  readonly milliseconds: number;
  /** Why no more was tried. */
  readonly endedBy: 'trials' | 'minutes';
}

export interface Ledger {
  /** What a trial comes to; undefined where the time is over. @param left to be done, this one included. */
  enter(trial: Trial, left: Work | undefined): Promise<TrialRecord | undefined>;
  drop(ids: readonly number[]): void;
  /** @throws UserError when no trial has a score. */
  close(endedBy: SearchResult['endedBy']): SearchResult;
}

/** @param last steps that a trial is finished with. */
export function ledger(last: number, options: LedgerOptions): Ledger {
  const { evaluate, known, now = () => performance.now(), minutes = Number.POSITIVE_INFINITY } = options;
  const records: TrialRecord[] = [];
  let milliseconds = options.lost ?? 0;
  let done = noWork;
  let isTold = false;

  const best = (): TrialRecord | undefined => records.filter(({ status }) => status !== 'failed').sort(byRank)[0];
  const tell = (left: Work | undefined): void => {
    isTold = true;
    const first = best();
    options.onProgress?.({
      done,
      ...(left && { left }),
      milliseconds,
      ...(Number.isFinite(minutes) && { millisecondsLeft: Math.max(0, minutes * 60_000 - milliseconds) }),
      ...(first && { best: first }),
    });
  };
  const evaluated = async (trial: Trial): Promise<KeptOutcome> => {
    await heed(options.signal);
    const begin = now();
    const told = await evaluate(trial).catch(failure);
    const outcome = { ...told, milliseconds: told.milliseconds ?? now() - begin };
    await options.onOutcome?.(trial, outcome);
    return outcome;
  };

  return {
    async enter(trial, left) {
      const before = known?.get(trial.key);
      // what is known costs no time, so that a later start comes at least as far
      if (!before && milliseconds >= minutes * 60_000) return undefined;
      if (!before && !isTold) tell(left);
      const outcome = before ?? (await evaluated(trial));
      const record = recordOf(trial, outcome, last);
      const work = { evaluations: 1, steps: trial.steps - trial.from };
      records[trial.id] = record;
      milliseconds += outcome.milliseconds;
      done = plus(done, work);
      if (!before) tell(left && minus(left, work));
      return record;
    },
    drop(ids) {
      for (const id of ids) records[id] = { ...records[id]!, status: 'dropped' };
    },
    close(endedBy) {
      const first = best();
      if (first) return { trials: records, best: first, done, milliseconds, endedBy };
      throw new UserError(
        'search',
        `expected a trial with a score, got ${records.length} that failed, the first because of: ${records[0]?.failed}`,
        { exitCode: exitCodes.notFound },
      );
    },
  };
}

function failure(error: unknown): Outcome {
  if (isDivergence(error)) return { score: Number.NEGATIVE_INFINITY, failed: error.message };
  throw error;
}

function recordOf(trial: Trial, { score, tie, failed }: Outcome, last: number): TrialRecord {
  const { id, bracket, rung, steps, settings } = trial;
  const place = { id, bracket, rung, steps, settings };
  // JSON has no infinite number: what is known may have no score
  const why = failed ?? (Number.isFinite(score) ? undefined : `expected a finite score, got ${score}`);
  if (why !== undefined) return { ...place, score: Number.NEGATIVE_INFINITY, failed: why, status: 'failed' };
  const status = steps === last ? 'kept' : 'unfinished';
  return { ...place, score, ...(tie !== undefined && { tie }), status };
}
