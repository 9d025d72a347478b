/** search: settings drawn at random, tried by the schedule of Hyperband until a number of trials or of minutes is reached. */
import { UserError } from '../../errors.js';
import { type Bracket, type HyperbandOptions, rounds } from './hyperband.js';
import { type LedgerOptions, ledger, type SearchResult } from './ledger.js';
import { sampler } from './sampler.js';
import type { Settings, Spaces } from './spaces.js';
import { promoted, type Trial, type TrialRecord } from './trial.js';
import { minus, noWork, plus, type Work, workOf } from './work.js';

export interface SearchOptions extends HyperbandOptions, LedgerOptions {
  readonly spaces: Spaces;
  /** Of the first trial: the defaults. */
  readonly first: Settings;
  readonly seed: number;
  /** To be started in all; this or `minutes` must be there, and what is reached first ends the search. */
  readonly trials?: number;
  /** Called when a rung ends, known or not; what would be needed to train on those that ended is of no more use. */
  onRung?(end: RungEnd): void | Promise<void>;
}

export interface RungEnd {
  readonly bracket: number;
  readonly rung: number;
  readonly steps: number;
  /** Ids of trials that go on. */
  readonly promoted: readonly number[];
  /** Ids of trials that were dropped, failed or have trained for all steps. */
  readonly ended: readonly number[];
}

/**
 * Li et al., Hyperband (arXiv 1603.06560). What comes out is a function of the options and of what `evaluate` says; with `minutes`, also of
 * which evaluations ended in time.
 * @throws UserError when no trial has a score, when nothing would end the search; and what `evaluate` throws, but for divergence.
 */
export async function search(options: SearchOptions): Promise<SearchResult> {
  const { trials } = checked(options);
  const plan = trials === undefined ? undefined : [...rounds(options, trials)];
  const account = ledger(options.steps, options);
  const sample = sampler(options.spaces, options.seed);
  const settingsOf = (id: number): Settings => (id === 0 ? options.first : sample(id));

  let bracket = 0;
  let started = 0;
  for (const rungs of plan ?? rounds(options, Number.POSITIVE_INFINITY)) {
    const ahead = plan?.slice(bracket + 1).reduce((work, later) => plus(work, workOf(later)), noWork);
    let alive = Array.from({ length: rungs[0]!.trials }, (_, i) => started + i);
    started += alive.length;
    for (let rung = 0; rung < rungs.length && alive.length > 0; rung++) {
      const judged: TrialRecord[] = [];
      for (const id of alive) {
        const trial = trialOn(rungs, { id, bracket, rung, settings: settingsOf(id) });
        const record = await account.enter(trial, ahead && plus(ahead, leftOf(rungs, trial, alive.length, judged)));
        if (!record) return account.close('minutes');
        judged.push(record);
      }
      const next = promoted(judged, rungs[rung + 1]?.trials ?? 0);
      const ended = judged.filter(({ id }) => !next.includes(id));
      account.drop(ended.filter(({ status }) => status === 'unfinished').map(({ id }) => id));
      const { steps } = rungs[rung]!;
      await options.onRung?.({ bracket, rung, steps, promoted: next, ended: ended.map(({ id }) => id) });
      alive = next;
    }
    bracket++;
  }
  return account.close('trials');
}

function trialOn(rungs: Bracket, place: Pick<Trial, 'id' | 'bracket' | 'rung' | 'settings'>): Trial {
  const { id, rung } = place;
  const { steps } = rungs[rung]!;
  return { key: `trial-${id}-steps-${steps}`, ...place, steps, from: rungs[rung - 1]?.steps ?? 0 };
}

/** Of this bracket, when some of a rung were judged. */
function leftOf(rungs: Bracket, { rung, steps, from }: Trial, alive: number, judged: readonly TrialRecord[]): Work {
  return minus(workOf(rungs, rung, alive), { evaluations: judged.length, steps: judged.length * (steps - from) });
}

function checked({ trials, minutes }: SearchOptions): { readonly trials?: number } {
  if (trials === undefined && minutes === undefined)
    throw new UserError('search', 'expected a number of trials or of minutes, got neither');
  if (trials !== undefined && !(Number.isSafeInteger(trials) && trials >= 1))
    throw new UserError('search', `expected a whole number of trials of at least 1, got ${trials}`);
  if (minutes !== undefined && !(minutes > 0))
    throw new UserError('search', `expected more than 0 minutes, got ${minutes}`);
  return trials === undefined ? {} : { trials };
}
