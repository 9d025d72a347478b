/** The chores around every method: batches, limits, what is found checked on the model as it is, reasons where nothing is. */
import { inParts, rowAt } from '../oracle/packed.js';
import { LimitReached } from '../oracle/trial.js';
import type { OptionSpecs, OptionValues } from '../settings/index.js';
import { type CaseOptions, caseOf } from './case-of.js';
import type { Explainer } from './explainer.js';
import type { Batch, Finding, RunOptions } from './finding.js';
import type { Ground } from './ground/ground.js';
import { checkNeeds } from './needs.js';
import { reasonFor } from './reasons.js';
import { Pool } from './several/pool.js';
import { alternativesOf } from './several/several.js';
import { isValid, storedOf } from './stored.js';

/** Places of the instances, cut into batches of one target each. */
export function batchesFor({ instances: { targets } }: Ground, batch: number): number[][] {
  const byTarget = new Map<number, number[]>();
  targets.forEach((target, row) => {
    const rows = byTarget.get(target);
    if (rows) rows.push(row);
    else byTarget.set(target, [row]);
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
