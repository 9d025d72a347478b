/** problem: an algorithm, a network and series as something to fit. */
import type { FitProblem } from '../../fit/index.js';
import type { Value } from '../../ir/types.js';
import { substitute } from '../../rewrite/substitute.js';
import type { OptionSpecs, OptionValues } from '../../settings/index.js';
import type { Algorithm } from '../algorithm.js';
import { warmed } from '../parts/schedules.js';
import type { ViewSettings } from '../settings.js';
import { stepFeeds, type TrainingSeries } from './feeds.js';
import { Scope, type Sizes } from './scope.js';
import type { TrainingForm } from './training-form.js';

export interface ProblemSettings {
  readonly sizes: Sizes;
  readonly views: ViewSettings;
  readonly classWeights?: Float32Array;
  readonly steps: number;
  readonly seed: number;
  /** Decay of averaged weights, for algorithms that have no teacher of their own. */
  readonly average?: number;
}

export interface TrainingProblem extends FitProblem {
  /** What is told of each step, in the order of `watched`: terms of the loss, then diagnostics. */
  readonly told: readonly string[];
  /** Those of `told` that the loss is the sum of. */
  readonly terms: ReadonlySet<string>;
  /** By name of a weight: that of its average. */
  readonly averages: ReadonlyMap<string, string>;
}

export async function trainingProblem<Specs extends OptionSpecs>(
  form: TrainingForm,
  algorithm: Algorithm<Specs>,
  options: OptionValues<Specs>,
  data: TrainingSeries,
  settings: ProblemSettings,
): Promise<TrainingProblem> {
  const { sizes, steps, seed } = settings;
  const scope = new Scope(form, sizes, settings.classWeights);
  const { g } = scope;
  const terms = Object.entries(await algorithm.loss(scope, options, settings.views));
  if (settings.average !== undefined && scope.averages.size === 0) scope.teacher(warmed(settings.average));
  const sum = terms.map(([, term]) => term).reduce((total, term) => g.add(total, term));
  const ends = new Map<Value, Value>();
  // what is told and descended on says its type, and is a value of its own
  const scalar = (value: Value, name: string): Value => {
    const end: Value = { name: g.value(name).name, type: { dtype: 'float32', shape: [] } };
    ends.set(g.op('Identity', [value]), end);
    return end;
  };
  const loss = scalar(sum, 'loss');
  const watched = [...terms, ...scope.watched].map(([name, value]) => [name, scalar(value, `told/${name}`)] as const);
  const graph = substitute(scope.graph([]), (value) => ends.get(value) ?? value);
  const batch = stepFeeds(scope.sources, data, sizes, { seed, steps });
  return {
    graph,
    loss,
    weights: [...form.weights, ...scope.parameters],
    carried: { becomes: scope.statistics, averages: scope.averages },
    watched: watched.map(([, value]) => value),
    batches: { count: steps, at: batch },
    told: watched.map(([name]) => name),
    terms: new Set(terms.map(([name]) => name)),
    averages: new Map([...scope.averages].map(([{ name }, { of }]) => [of.name, name])),
  };
}
