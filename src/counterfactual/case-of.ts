/** caseOf: instances of a ground as a case, each in the box that its limits leave it. */
import { intoRange } from '../oracle/bounds.js';
import { pick, rowAt } from '../oracle/packed.js';
import { othersAt } from '../oracle/readings.js';
import { boxOf } from '../schema/index.js';
import { Case, type CaseFacts } from './case.js';
import type { RunOptions } from './finding.js';
import { isRange } from './ground/goals.js';
import type { Ground } from './ground/ground.js';
import { measures } from './measures.js';

export interface CaseOptions extends Pick<CaseFacts, 'onReach'> {
  /** Features that each of the rows must keep, besides those that it has to. */
  readonly barred?: readonly ReadonlySet<number>[];
}

/** @param rows places among the instances, all of one target. */
export function caseOf(
  ground: Ground,
  rows: readonly number[],
  run: RunOptions,
  { barred, onReach }: CaseOptions = {},
): Case {
  const { network, instances, bounds, features, mask } = ground;
  const { space } = network;
  const inputs = pick(instances.inputs, space.size, rows);
  const x = intoRange(inputs, bounds, [0, 1], (row) => `sample ${instances.ids[rows[row]!]}`);
  const lower = new Float32Array(x.length);
  const upper = new Float32Array(x.length);
  const ends = instances.ends && intoRange(pick(instances.ends, space.size, rows), bounds, [0, 1], () => 'an end');
  rows.forEach((_, i) => {
    const [input, from, held] = [rowAt(inputs, space.size, i), i * space.size, barred?.[i]];
    const box = features.schema && boxOf(features.schema, input);
    const within = (limits: Float32Array | undefined, limit: number): Float32Array =>
      limits ? intoRange(limits, bounds, [0, 1], () => 'a limit') : new Float32Array(space.size).fill(limit);
    const end = ends && rowAt(ends, space.size, i);
    const [low, high] = end ? [end, end] : [within(box?.lower, 0), within(box?.upper, 1)];
    for (let j = 0; j < space.size; j++) {
      const stays =
        bounds.lower[j] === bounds.upper[j] ||
        mask?.[j] === 0 ||
        held?.has(features.labels[j]!) ||
        (box && box.lower[j] === box.upper[j]);
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
    ...(onReach && { onReach }),
    ...(run.onCall && { onCall: (now: Case) => run.onCall!(rows, now) }),
  });
}
