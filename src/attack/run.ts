/** The chores around every attack: batches, budgets, success checked on what is stored, costs. */
import { type Bounds, intoRange, outOfRange, type Range } from '../oracle/bounds.js';
import { marginOf } from '../oracle/margins.js';
import type { Context, Oracle } from '../oracle/oracle.js';
import { inParts, pick, rowAt } from '../oracle/packed.js';
import { largest, othersAt } from '../oracle/readings.js';
import type { Space } from '../oracle/space.js';
import type { OptionSpecs, OptionValues } from '../settings/index.js';
import type { Attack } from './attack.js';
import { leastBudgets } from './bisect.js';
import { type Goal, goalOf, isTargeted } from './goals.js';
import type { Subjects } from './subjects.js';
import { LimitReached, type Limits, Victim } from './victim.js';

/** What came of one subject under one goal. */
export interface Finding {
  /** Its number in the data. */
  readonly id: number;
  readonly label: number;
  /** The label to reach, or the one to leave. */
  readonly goal: number;
  /** Whether the example as it is stored reaches the goal on the model as it is. */
  readonly success: boolean;
  /** The same after rounding to the levels that the data have, where they have some. */
  readonly roundedSuccess?: boolean;
  readonly predicted: number;
  /** Negative where the goal is reached, in logits. */
  readonly margin: number;
  readonly forwards: number;
  readonly backwards: number;
  /** Its share of the batch's wall time. */
  readonly seconds: number;
  /** In the input's units, [channels, positions]; the clean input where nothing was found. */
  readonly adversarial: Float32Array;
}

export interface Ground {
  readonly space: Space;
  readonly bounds: Bounds;
  readonly subjects: Subjects;
  /** 0 where an element must stay as it is, [channels, positions] or one for each subject. */
  readonly mask?: Uint8Array | undefined;
  /** Answers for examples scaled to the attack's range. */
  oracle(range: Range): Oracle;
  /** Answers for inputs as they are. */
  readonly model: Oracle;
}

export interface RunOptions {
  readonly goal: Goal;
  /** Subjects at a time. */
  readonly batch: number;
  readonly seed?: number;
  readonly limits?: Limits;
  /** Number of equally spaced values that stored inputs take between their bounds, such as 256. */
  readonly levels?: number | undefined;
  /** Searches the least budget, for attacks that have one. */
  readonly bisect?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Told of a batch while it is attacked. */
  readonly onCall?: (rows: readonly number[], victim: Victim) => void;
}

/** What an attack did with a batch: its findings in order, and where the time went. */
export interface Batch {
  /** Places among the subjects. */
  readonly rows: readonly number[];
  readonly findings: readonly Finding[];
  /** Inside the model's calls, of `milliseconds` in all. */
  readonly modelMilliseconds: number;
  readonly milliseconds: number;
}

/** Places of the subjects that the goal is one for, cut into batches. */
export function batchesFor({ subjects }: Ground, { goal, batch }: Pick<RunOptions, 'goal' | 'batch'>): number[][] {
  const rows = Array.from({ length: subjects.count }, (_, i) => i).filter(
    (row) => goalFor(subjects, goal, row) !== undefined,
  );
  return inParts(rows, batch);
}

/** All findings of an attack under one goal, in the order of the subjects. */
export async function runAttack<Specs extends OptionSpecs>(
  attack: Attack<Specs>,
  options: OptionValues<Specs>,
  ground: Ground,
  run: RunOptions,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const rows of batchesFor(ground, run))
    findings.push(...(await runBatch(attack, options, ground, rows, run)).findings);
  return findings;
}

/** Attacks one batch. @param rows places among the subjects. */
export async function runBatch<Specs extends OptionSpecs>(
  attack: Attack<Specs>,
  options: OptionValues<Specs>,
  ground: Ground,
  rows: readonly number[],
  run: RunOptions,
): Promise<Batch> {
  const { space, bounds, subjects } = ground;
  const started = performance.now();
  const inputs = pick(subjects.inputs, space.size, rows);
  const names = (row: number): string => `sample ${subjects.ids[rows[row]!]}`;
  const x = intoRange(inputs, bounds, attack.range, names);
  const box = boxOf(ground, x, attack.range, rows);
  const oracle = ground.oracle(attack.range);
  const context = contextOf(subjects, rows, run.goal);
  const measure = typeof attack.measure === 'string' ? attack.measure : attack.measure(options);
  const attacked = async (places: readonly number[], budgets?: Float32Array): Promise<Victim> => {
    const victim = new Victim(oracle, {
      space,
      x: pick(x, space.size, places),
      lower: pick(box.lower, space.size, places),
      upper: pick(box.upper, space.size, places),
      context: contextOf(
        subjects,
        places.map((place) => rows[place]!),
        run.goal,
      ),
      measure,
      budgets,
      seed: run.seed ?? 0,
      ids: places.map((place) => subjects.ids[rows[place]!]!),
      ...(run.limits && { limits: run.limits }),
      signal: run.signal,
      onCall: (now) => run.onCall?.(rows, now),
    });
    try {
      await attack.run(victim, options);
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
    }
    return victim;
  };
  const all = rows.map((_, i) => i);
  const usual = attack.budget === undefined ? undefined : (options[attack.budget] as number);
  const found =
    run.bisect && usual !== undefined
      ? await leastBudgets(attacked, all, { usual, space, measure, width: attack.range[1] - attack.range[0] })
      : tally(await attacked(all));
  const points = new Float32Array(x);
  for (const row of all) if (found.best[row]) points.set(found.best[row]!, row * space.size);
  const stored = outOfRange(points, x, inputs, bounds, attack.range);
  const milliseconds = performance.now() - started;
  const seen = await verdicts(ground, stored, context);
  const rounded =
    run.levels === undefined
      ? undefined
      : await verdicts(ground, onLevels(stored, inputs, bounds, run.levels), context);
  return {
    rows,
    modelMilliseconds: found.milliseconds,
    milliseconds,
    findings: rows.map((row, i) => ({
      id: subjects.ids[row]!,
      label: context.labels[i]!,
      goal: context.goals[i]!,
      ...seen[i]!,
      ...(rounded && { roundedSuccess: rounded[i]!.success }),
      forwards: found.forwards[i]!,
      backwards: found.backwards[i]!,
      seconds: milliseconds / 1000 / rows.length,
      adversarial: stored.slice(i * space.size, (i + 1) * space.size),
    })),
  };
}

/** What a victim, or several over the same examples, came to. */
export interface Tally {
  /** The best example of each, or undefined. */
  readonly best: readonly (Float32Array | undefined)[];
  readonly forwards: Uint32Array;
  readonly backwards: Uint32Array;
  readonly milliseconds: number;
}

export const tally = (victim: Victim): Tally => ({
  best: victim.all.map((row) => (victim.found(row) ? victim.best(row) : undefined)),
  forwards: victim.forwards,
  backwards: victim.backwards,
  milliseconds: victim.milliseconds,
});

const goalFor = ({ labels, logits, count }: Subjects, goal: Goal, row: number): number | undefined => {
  const classes = logits.length / count;
  return goalOf(goal, labels[row]!, rowAt(logits, classes, row));
};

function contextOf(subjects: Subjects, rows: readonly number[], goal: Goal): Context {
  return {
    targeted: isTargeted(goal),
    labels: Int32Array.from(rows, (row) => subjects.labels[row]!),
    goals: Int32Array.from(rows, (row) => goalFor(subjects, goal, row)!),
    others: othersAt(subjects.others, rows),
  };
}

/** The whole range, but for elements that must stay. */
function boxOf(
  { space: { size }, bounds, mask }: Ground,
  x: Float32Array,
  [low, high]: Range,
  rows: readonly number[],
) {
  const isOneMask = mask?.length === size;
  const stays = (at: number): boolean => {
    const i = at % size;
    if (bounds.lower[i] === bounds.upper[i]) return true;
    const row = rows[Math.floor(at / size)]!;
    return mask !== undefined && mask[isOneMask ? i : row * size + i] === 0;
  };
  return {
    lower: x.map((value, at) => (stays(at) ? value : low)),
    upper: x.map((value, at) => (stays(at) ? value : high)),
  };
}

/** What the model as it is says of inputs. */
async function verdicts({ model, space }: Ground, inputs: Float32Array, context: Context) {
  const count = inputs.length / space.size;
  const samples = Array.from({ length: count }, (_, i) => i);
  const logits = await model.scores({ points: inputs, samples }, context);
  return samples.map((i) => {
    const scores = rowAt(logits, model.classes, i);
    const margin = marginOf(scores, { goal: context.goals[i]!, targeted: context.targeted });
    return { success: margin < 0, predicted: largest(scores), margin };
  });
}

/** Changed elements on the nearest level; the others stay as they are. */
function onLevels(stored: Float32Array, inputs: Float32Array, { lower, upper }: Bounds, levels: number): Float32Array {
  const size = lower.length;
  return stored.map((value, at) => {
    if (value === inputs[at]) return value;
    const [low, high] = [lower[at % size]!, upper[at % size]!];
    const share = Math.round(((value - low) / (high - low)) * (levels - 1)) / (levels - 1);
    return Math.fround(low + share * (high - low));
  });
}
