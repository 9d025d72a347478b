/** timesOf: the original and every form that runs, timed beside each other, loaded afresh, and their memory. */
import type { BenchedModel, BenchReport } from '../../../report/bench-report.js';
import { benchWarnings } from '../../../report/bench-warnings.js';
import type { BenchRequest } from '../../bench/request.js';
import { memoryOf, sessionBytes } from '../../memory.js';
import { openModel } from '../../open-model.js';
import type { Attempt } from './attempt.js';
import type { FormsScene } from './scene.js';

/** Of a process for each form and round, which take longer than rounds in one. */
const roundsApart = 7;
const warmUp = 3;

export interface Times {
  /** By path; the original is there in any case. */
  readonly models: ReadonlyMap<string, BenchedModel>;
  readonly warnings: readonly string[];
}

/** @param forms that run. */
export async function timesOf(scene: FormsScene, forms: readonly Attempt[]): Promise<Times> {
  const same = await bench(
    scene,
    forms.filter(({ hasOtherInputs }) => !hasOtherInputs),
    scene.request.evaluation,
  );
  const others = forms.filter(({ hasOtherInputs }) => hasOtherInputs);
  if (others.length === 0) return same;
  // random inputs are what all of them take: the original has its times of them too, but they are not shown
  const apart = await bench(scene, others, undefined);
  return {
    models: new Map([...apart.models, ...same.models]),
    warnings: [...new Set([...same.warnings, ...apart.warnings])],
  };
}

async function bench(
  { request, settings: { runs, seconds, loads }, context }: FormsScene,
  forms: readonly Attempt[],
  data: FormsScene['request']['evaluation'],
): Promise<Times> {
  const { model, engine, seed, commandLine } = request;
  const models = [model, ...forms.map(({ file }) => file)];
  const isolate = sessionBytes(models.map((path) => openModel(path).graph)) > memoryOf(engine);
  const asked: BenchRequest = {
    ...{ models, engine, seed, seconds, loads, isolate, warmUp, commandLine },
    runs: isolate ? Math.min(runs, roundsApart) : runs,
    ...(data && { data }),
  };
  const report = await context.job<BenchReport>(new URL('../../bench/job.js', import.meta.url), asked);
  // what outputs are off by is said of each form
  const named = report.models.map(({ outputs: _, ...each }, i) =>
    i === 0 ? each : { ...each, file: { ...each.file, path: forms[i - 1]!.candidate.name } },
  );
  return {
    models: new Map(report.models.map((each, i) => [models[i]!, each])),
    warnings: benchWarnings({ ...report, models: named }, '--set runs= and --set seconds='),
  };
}
