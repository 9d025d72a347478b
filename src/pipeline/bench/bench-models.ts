/** benchModels: how long several models take on the same inputs, beside each other. */
import { feedsFor, type Samples } from '../../data/samples.js';
import {
  firstRun,
  inRounds,
  mediansOf,
  type PairedRatio,
  pairedRatio,
  type Rounds,
  type Sizes,
  sizes,
  type Timed,
  timedOf,
  withAll,
} from '../../evaluate/index.js';
import { type CompileOptions, compileFile } from '../../runtime/program.js';
import { openModel } from '../open-model.js';
import { withSwitches } from '../working-copy.js';
import { sharedInputs } from './shared-inputs.js';

export interface BenchOptions extends CompileOptions {
  /** Samples per run; default 1. */
  readonly batch?: number;
  /** Rounds at most, in each of which every model is timed once; default 100. */
  readonly runs?: number;
  /** That each model may take; six rounds are made all the same. Default 10 000. */
  readonly milliseconds?: number;
  /** Untimed rounds before; default 3. */
  readonly warmUp?: number;
  /** Of the order in each round; default 0. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** After each round, with how many there will be as far as can be told. */
  onRound?(done: number, total: number): void;
}

export interface BenchFigures {
  readonly path: string;
  readonly latency: Timed;
  /** Its time over that of the first model in the same round; absent for the first. */
  readonly ratio?: PairedRatio;
  readonly roundMilliseconds: readonly number[];
  readonly sizes: Sizes;
}

/** So few that the median has an interval. */
export const leastRounds = 6;

/**
 * Figures of each model, in order; the first is what the others are compared with. All are held in this process and run in turn.
 * @param samples for the first model, as `openSamples` gives them; the first run of them is timed.
 * @throws UserError when a file is no model, the runtime refuses one, or the models do not take the same inputs.
 */
export async function benchModels(
  paths: readonly string[],
  samples: Samples,
  options: BenchOptions = {},
): Promise<BenchFigures[]> {
  const { batch = 1, runs = 100, milliseconds, warmUp, seed, signal, onRound, ...compileOptions } = options;
  const models = paths.map(openModel);
  sharedInputs(models);
  const first = firstRun(samples, batch);
  const openings = models.map((model) => () => compileFile(model, compileOptions));
  const costs = await withAll(openings, (programs) => {
    const players = programs.map((program, i) => {
      const { feeds } = firstRun(withSwitches(models[i]!.graph, samples), batch);
      const fed = feedsFor(program.inputs, feeds);
      return () => program.run(fed);
    });
    return inRounds(players, {
      ...{ rounds: runs, leastRounds: Math.min(runs, leastRounds) },
      ...(milliseconds !== undefined && { milliseconds }),
      ...(warmUp !== undefined && { warmUp }),
      ...(seed !== undefined && { seed }),
      ...(signal && { signal }),
      ...(onRound && { onRound }),
    });
  });
  return figuresOf(
    paths,
    costs.map((each) => each.map((cost) => [cost])),
    first.batch,
    signal,
  );
}

/** @param rounds by model. */
export async function figuresOf(
  paths: readonly string[],
  rounds: readonly Rounds[],
  batch: number,
  signal?: AbortSignal,
): Promise<BenchFigures[]> {
  const figures: BenchFigures[] = [];
  for (const [i, path] of paths.entries()) {
    figures.push({
      path,
      latency: timedOf(rounds[i]!, batch),
      ...(i > 0 && { ratio: pairedRatio(rounds[i]!, rounds[0]!) }),
      roundMilliseconds: mediansOf(rounds[i]!, 'milliseconds'),
      sizes: await sizes(path, signal),
    });
  }
  return figures;
}
