/** hyperband: how many trials train for how many steps. A schedule alone: what trials are and who goes on is said elsewhere. */
import { UserError } from '../../errors.js';

/** Trials that are judged after the same number of steps. */
export interface Rung {
  readonly trials: number;
  /** From the beginning: those of the rungs before are among them. */
  readonly steps: number;
}

/** Successive halving: fewer trials on each rung, for more steps. */
export type Bracket = readonly Rung[];

export interface HyperbandOptions {
  /** R: of the last rung of each bracket, a whole number. */
  readonly steps: number;
  /** Below which a trial says nothing yet, a whole number; default: a 27th of `steps`, which gives four brackets with eta 3. */
  readonly least?: number;
  /** One in `eta` goes on; a whole number, default 3. */
  readonly eta?: number;
}

/**
 * One round of Li et al., Hyperband (arXiv 1603.06560), algorithm 1: from the bracket that starts many trials with few steps to the one
 * that trains a few for all steps, each of about the same cost.
 * @throws UserError unless 1 <= least <= steps and eta >= 2.
 */
export function hyperband(options: HyperbandOptions): readonly Bracket[] {
  const { R, least, eta } = checked(options);
  let most = 0;
  while (least * eta ** (most + 1) <= R) most++;
  return Array.from({ length: most + 1 }, (_, k) => {
    const s = most - k;
    const n = Math.ceil(((most + 1) * eta ** s) / (s + 1));
    return Array.from({ length: s + 1 }, (_, i) => ({
      trials: Math.floor(n / eta ** i),
      steps: Math.round(R / eta ** (s - i)),
    }));
  });
}

/**
 * Rounds one after the other until `trials` were started; without end where that is Infinity. The bracket that would start too many
 * starts those that are left, and one of them trains to the end.
 */
export function* rounds(options: HyperbandOptions, trials: number): Generator<Bracket> {
  const round = hyperband(options);
  const { eta } = checked(options);
  for (let k = 0, left = trials; left > 0; k++) {
    const bracket = round[k % round.length]!;
    const started = Math.min(left, bracket[0]!.trials);
    const isCut = started < bracket[0]!.trials;
    yield isCut
      ? bracket.map(({ steps }, i) => ({ trials: Math.max(1, Math.floor(started / eta ** i)), steps }))
      : bracket;
    left -= started;
  }
}

function checked({ steps, least = Math.max(1, Math.floor(steps / 27)), eta = 3 }: HyperbandOptions) {
  if (!(Number.isInteger(steps) && steps >= 1))
    throw new UserError('search', `expected a whole number of steps of at least 1, got ${steps}`);
  if (!(Number.isInteger(least) && least >= 1 && least <= steps))
    throw new UserError('search', `expected least steps from 1 to ${steps}, got ${least}`);
  if (!(Number.isInteger(eta) && eta >= 2))
    throw new UserError('search', `expected a whole eta of at least 2, got ${eta}`);
  return { R: steps, least, eta };
}
