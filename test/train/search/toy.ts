/** A search of two numbers whose best values are known, with a clock that the evaluations move. */
import { logUniform, uniform } from '../../../src/settings/index.js';
import { divergence } from '../../../src/train/divergence.js';
import {
  type KeptOutcome,
  type Outcome,
  type SearchOptions,
  type Settings,
  search,
  type Trial,
} from '../../../src/train/search/index.js';

/** Squared distance from rate 1e-4 and weight 30, in decades and in fifties. */
export const distance = ({ trainer, algorithm }: Settings): number =>
  (Math.log10(trainer.rate!) + 4) ** 2 + ((algorithm.weight! - 30) / 50) ** 2;

const spaces = { trainer: { rate: logUniform(1e-6, 1e-3) }, algorithm: { weight: uniform(0, 150) } };
const first: Settings = { trainer: { rate: 1e-3 }, algorithm: { weight: 75 } };

/** One less the distance, and less for few steps: for some settings more so than for others. */
export const quadratic = ({ settings, steps }: Trial): Outcome => ({
  score: 1 - distance(settings) - (0.5 + (settings.algorithm.weight! % 1)) / steps,
});

export interface Toy {
  /** Keys in the order they were evaluated. */
  readonly calls: Trial[];
  readonly kept: Map<string, KeptOutcome>;
  readonly run: () => ReturnType<typeof search>;
}

/** @param milliseconds that an evaluation takes. */
export function toy(options: Partial<SearchOptions> = {}, milliseconds = 1000): Toy {
  const { evaluate = async (trial: Trial) => quadratic(trial), known } = options;
  const calls: Trial[] = [];
  const kept = new Map(known);
  let clock = 5000;
  const run = () =>
    search({
      spaces,
      first,
      seed: 1,
      steps: 81,
      least: 1,
      now: () => clock,
      onOutcome(trial, outcome) {
        // as a file of a run directory has it
        kept.set(trial.key, JSON.parse(JSON.stringify(outcome)));
      },
      ...options,
      async evaluate(trial) {
        calls.push(trial);
        const outcome = await evaluate(trial);
        clock += milliseconds;
        return outcome;
      },
    });
  return { calls, kept, run };
}

/** Every fifth trial, from the third on, runs away after nine steps or more. */
export const oftenDiverging = async (trial: Trial): Promise<Outcome> => {
  if (trial.id % 5 === 2 && trial.steps >= 9) throw divergence(Number.NaN, 9);
  return quadratic(trial);
};
