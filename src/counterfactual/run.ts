/** The chores around every method: batches, limits, what is found checked on the model as it is, reasons where nothing is. */
import { intoRange, outOfRange } from '../oracle/bounds.js';
import { inParts, pick, rowAt } from '../oracle/packed.js';
import { asking, othersAt } from '../oracle/readings.js';
import { LimitReached, type Limits } from '../oracle/trial.js';
import { boxOf, violations } from '../schema/index.js';
import type { OptionSpecs, OptionValues } from '../settings/index.js';
import { Case } from './case.js';
import type { Explainer } from './explainer.js';
import { allowed, changedIn } from './features.js';
import { isRange } from './goals.js';
import type { Ground } from './ground.js';
import { type MeasureName, measures } from './measures.js';
import { checkNeeds } from './needs.js';
import { type Reason, reasonFor } from './reasons.js';

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
  readonly forwards: number;
  readonly backwards: number;
  /** Its share of the batch's wall time. */
  readonly seconds: number;
}

export interface RunOptions {
  /** Instances at a time. */
  readonly batch: number;
  readonly seed?: number;
  readonly limits?: Limits;
  /** What is kept of all that is found; default `objective`. */
  readonly keep?: MeasureName;
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
  const started = performance.now();
  const asked = caseOf(ground, rows, run);
  checkNeeds(explainer, options, ground);
  let isCutShort = false;
  try {
    await explainer.run(asked, options);
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    isCutShort = true;
  }
  const milliseconds = performance.now() - started;
  const stored = storedOf(asked, ground);
  const scores = await asking(ground.model)(stored, rows.length, othersAt(ground.instances.others, rows));
  const { size } = asked;
  const findings = rows.map((place, i): Finding => {
    const [input, row] = [asked.input(i), rowAt(stored, size, i)];
    const own = rowAt(scores, ground.model.classes, i);
    const margin = ground.aim.margin(own, asked.label);
    const { schema } = ground.features;
    const broken = asked.found(i) && schema ? violations(schema, input, row) : [];
    const success = asked.found(i) && margin < 0 && broken.length === 0;
    return {
      id: ground.instances.ids[place]!,
      predicted: ground.instances.predicted[place]!,
      target: asked.label,
      success,
      ...(!success && { reason: reasonFor(asked, i, { isCutShort, broken, margin }) }),
      ...(asked.remarks.has(i) && { remark: asked.remarks.get(i)! }),
      counterfactual: success ? row.slice() : input.slice(),
      scores: success ? own.slice() : rowAt(ground.instances.logits, ground.model.classes, place).slice(),
      margin,
      changed: success ? changedIn(ground.features, input, row) : [],
      forwards: asked.forwards[i]!,
      backwards: asked.backwards[i]!,
      seconds: milliseconds / 1000 / rows.length,
    };
  });
  return { rows, findings, modelMilliseconds: asked.milliseconds, milliseconds };
}

function caseOf(ground: Ground, rows: readonly number[], run: RunOptions): Case {
  const { network, instances, bounds, features, mask } = ground;
  const { space } = network;
  const inputs = pick(instances.inputs, space.size, rows);
  const x = intoRange(inputs, bounds, [0, 1], (row) => `sample ${instances.ids[rows[row]!]}`);
  const lower = new Float32Array(x.length);
  const upper = new Float32Array(x.length);
  const ends = instances.ends && intoRange(pick(instances.ends, space.size, rows), bounds, [0, 1], () => 'an end');
  rows.forEach((_, i) => {
    const [input, from] = [rowAt(inputs, space.size, i), i * space.size];
    const box = features.schema && boxOf(features.schema, input);
    const within = (ends: Float32Array | undefined, end: number): Float32Array =>
      ends ? intoRange(ends, bounds, [0, 1], () => 'a limit') : new Float32Array(space.size).fill(end);
    const end = ends && rowAt(ends, space.size, i);
    const [low, high] = end ? [end, end] : [within(box?.lower, 0), within(box?.upper, 1)];
    for (let j = 0; j < space.size; j++) {
      const stays = bounds.lower[j] === bounds.upper[j] || mask?.[j] === 0 || (box && box.lower[j] === box.upper[j]);
      lower[from + j] = stays ? x[from + j]! : Math.min(x[from + j]!, low[j]!);
      upper[from + j] = stays ? x[from + j]! : Math.max(x[from + j]!, high[j]!);
    }
  });
  return new Case(ground.oracle, {
    space,
    x,
    lower,
    upper,
    inputs,
    aim: ground.aim,
    label: instances.targets[rows[0]!]!,
    isRange: isRange(ground.wish.goal),
    bounds,
    features,
    reference: ground.reference,
    companions: ground.companions,
    others: othersAt(instances.others, rows),
    measure: measures[run.keep ?? 'objective'],
    seed: run.seed ?? 0,
    ids: rows.map((row) => instances.ids[row]!),
    ...(run.limits && { limits: run.limits }),
    signal: run.signal,
    ...(run.onCall && { onCall: (now: Case) => run.onCall!(rows, now) }),
  });
}

/** The best of each instance in the input's units, on the allowed row that it was proposed as. */
function storedOf(asked: Case, { bounds, features }: Ground): Float32Array {
  const { size, x, count } = asked;
  const points = x.slice();
  for (const row of asked.all) if (asked.found(row)) points.set(asked.best(row), row * size);
  const inputs = new Float32Array(x.length);
  for (let row = 0; row < count; row++) inputs.set(asked.input(row), row * size);
  const stored = outOfRange(points, x, inputs, bounds, [0, 1]);
  if (!features.isPlain)
    for (const row of asked.all) stored.set(allowed(features, asked.input(row), rowAt(stored, size, row)), row * size);
  return stored;
}
