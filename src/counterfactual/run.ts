/** The chores around every method: batches, limits, what is found checked on the model as it is, reasons where nothing is. */
import { inParts, rowAt } from '../oracle/packed.js';
import { LimitReached, type Limits } from '../oracle/trial.js';
import type { OptionSpecs, OptionValues } from '../settings/index.js';
import type { Case } from './case.js';
import { type CaseOptions, caseOf } from './case-of.js';
import type { Explainer } from './explainer.js';
import type { Ground } from './ground/ground.js';
import type { MeasureName } from './measures.js';
import { checkNeeds } from './needs.js';
import { type Reason, reasonFor } from './reasons.js';
import { Pool } from './several/pool.js';
import { alternativesOf, type Several } from './several/several.js';
import { isValid, storedOf } from './stored.js';

/** What came of one instance. */
export interface Finding {
  /** Its number in the data. */
  readonly id: number;
  /** What the model says of it, and what it was to become; of a range both are 0. */
  readonly predicted: number;
  readonly target: number;
  /** Whether the counterfactual as it is stored reaches the goal on the model as it is, and breaks nothing of the schema. */
  readonly success: boolean;
  /** Why not. */
  readonly reason?: Reason;
  /** What the method says of it, such as that it was cut short of the best. */
  readonly remark?: string;
  /** In the input's units, [channels, positions]; the instance where nothing was found. */
  readonly counterfactual: Float32Array;
  /** What the model says of the counterfactual: scores as the method saw them. */
  readonly scores: Float32Array;
  /** Below 0 where the goal is reached. */
  readonly margin: number;
  /** Numbers of the features that change. */
  readonly changed: readonly number[];
  /** Others that hold as this one does, the one that was picked first in front; only where several are asked for. */
  readonly alternatives: readonly Alternative[];
  /** Of the search for the best: what alternatives take besides is not in them. */
  readonly forwards: number;
  readonly backwards: number;
  /** Its share of the batch's wall time. */
  readonly seconds: number;
}

/** Another counterfactual of the same instance. */
export type Alternative = Pick<Finding, 'counterfactual' | 'scores' | 'margin' | 'changed'>;

export interface RunOptions {
  /** Instances at a time. */
  readonly batch: number;
  readonly seed?: number;
  readonly limits?: Limits | undefined;
  /** What is kept of all that is found; default `objective`. */
  readonly keep?: MeasureName;
  /** How many counterfactuals of an instance are told; default: the best one. */
  readonly several?: Several | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of a batch while it is worked on. */
  readonly onCall?: (rows: readonly number[], asked: Case) => void;
}

export interface Batch {
  /** Places among the instances. */
  readonly rows: readonly number[];
  readonly findings: readonly Finding[];
  /** Inside the model's calls, of `milliseconds` in all. */
  readonly modelMilliseconds: number;
  readonly milliseconds: number;
}

/** Places of the instances, cut into batches of one target each. */
export function batchesFor({ instances: { targets } }: Ground, batch: number): number[][] {
  const byTarget = new Map<number, number[]>();
  targets.forEach((target, row) => {
    byTarget.set(target, [...(byTarget.get(target) ?? []), row]);
  });
  return [...byTarget.values()].flatMap((rows) => inParts(rows, batch));
}

/** All findings of a method, in the order of the instances. */
export async function runExplainer<Specs extends OptionSpecs>(
  explainer: Explainer<Specs>,
  options: OptionValues<Specs>,
  ground: Ground,
  run: RunOptions,
): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const rows of batchesFor(ground, run.batch)) {
    const { findings } = await runBatch(explainer, options, ground, rows, run);
    rows.forEach((row, i) => {
      found[row] = findings[i]!;
    });
  }
  return found;
}

/** Works on one batch. @param rows places among the instances, all of one target. */
export async function runBatch<Specs extends OptionSpecs>(
  explainer: Explainer<Specs>,
  options: OptionValues<Specs>,
  ground: Ground,
  rows: readonly number[],
  run: RunOptions,
): Promise<Batch> {
  checkNeeds(explainer, options, ground);
  const started = performance.now();
  let modelMilliseconds = 0;
  const search = async (
    places: readonly number[],
    { limits = run.limits, ...more }: CaseOptions & Pick<RunOptions, 'limits'>,
  ) => {
    const asked = caseOf(ground, places, { ...run, ...(limits && { limits }) }, more);
    const isCutShort = await isEndedEarly(() => explainer.run(asked, options));
    modelMilliseconds += asked.milliseconds;
    return { asked, isCutShort };
  };
  const pool = new Pool(ground.features);
  const { asked, isCutShort } = await search(rows, run.several ? { onReach: (reached) => pool.offer(reached) } : {});
  const stored = await storedOf(asked, ground, rows, asked.bests(asked.all), asked.all);
  const seconds = (performance.now() - started) / 1000 / rows.length;
  const found = stored.map((each, row) => (asked.found(row) && isValid(each) ? each : undefined));
  const first = { asked, places: rows, found, started, limits: run.limits };
  const alternatives = run.several && (await alternativesOf(first, ground, pool, run.several, search));
  const findings = rows.map((place, i): Finding => {
    const { margin, broken } = stored[i]!;
    const best = found[i];
    return {
      id: ground.instances.ids[place]!,
      predicted: ground.instances.predicted[place]!,
      target: asked.label,
      success: best !== undefined,
      ...(!best && { reason: reasonFor(asked, i, { isCutShort, broken, margin }) }),
      ...(asked.remarks.has(i) && { remark: asked.remarks.get(i)! }),
      counterfactual: best?.values ?? asked.input(i).slice(),
      scores: best?.scores ?? rowAt(ground.instances.logits, ground.model.classes, place).slice(),
      margin,
      changed: best?.changed ?? [],
      alternatives: alternatives?.[i] ?? [],
      forwards: asked.forwards[i]!,
      backwards: asked.backwards[i]!,
      seconds,
    };
  });
  return { rows, findings, modelMilliseconds, milliseconds: performance.now() - started };
}

/** Whether the limits were reached first. */
async function isEndedEarly(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return false;
  } catch (error) {
    if (error instanceof LimitReached) return true;
    throw error;
  }
}
