/** Victim: a batch of examples under attack. */
import { marginOf } from '../oracle/margins.js';
import type { Oracle } from '../oracle/oracle.js';
import { Trial, type TrialFacts } from '../oracle/trial.js';
import { type Measure, type MeasureName, measures } from './measures.js';

export { type Judged, type JudgedSlopes, LimitReached, type Limits, type Use } from '../oracle/trial.js';

export interface VictimFacts extends Omit<TrialFacts, 'aim' | 'measure' | 'purpose' | 'onCall'> {
  readonly measure: MeasureName | Measure;
  /** Each example's budget, for attacks that have one; default: the attack's own option for all. */
  readonly budgets?: Float32Array | undefined;
  /** Told after every call of the model. */
  readonly onCall?: (victim: Victim) => void;
}

export class Victim extends Trial {
  readonly targeted: boolean;
  readonly labels: Int32Array;
  /** The label to reach when targeted, else the one to leave. */
  readonly goals: Int32Array;
  readonly #budgets: Float32Array | undefined;

  constructor(oracle: Oracle, { measure, budgets, onCall, ...facts }: VictimFacts) {
    const { targeted, labels, goals } = facts.context;
    const of = typeof measure === 'string' ? measures[measure] : measure;
    super(oracle, {
      ...facts,
      purpose: 'attack',
      aim: { margin: (logits, row) => marginOf(logits, { goal: goals[row]!, targeted }) },
      measure: ({ difference }) => of(difference, facts.space),
      ...(onCall && { onCall: () => onCall(this) }),
    });
    [this.targeted, this.labels, this.goals] = [targeted, labels, goals];
    this.#budgets = budgets;
  }

  /** The budget of an example, where one is set for it. */
  budget(row: number, usual: number): number {
    return this.#budgets?.[row] ?? usual;
  }
}
