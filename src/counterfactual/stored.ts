/** storedOf: points of a search as rows that can be kept, and what the model as it is says of them. */
import { outOfRange } from '../oracle/bounds.js';
import { pick, rowAt } from '../oracle/packed.js';
import { asking, othersAt } from '../oracle/readings.js';
import { type Violation, violations } from '../schema/index.js';
import type { Case } from './case.js';
import { allowed, changedIn } from './ground/features.js';
import type { Ground } from './ground/ground.js';

export interface Stored {
  /** In the input's units. */
  readonly values: Float32Array;
  readonly scores: Float32Array;
  readonly margin: number;
  readonly broken: readonly Violation[];
  /** Numbers of the features that differ from the instance. */
  readonly changed: readonly number[];
}

/** Whether it is what was looked for. */
export const isValid = ({ margin, broken }: Stored): boolean => margin < 0 && broken.length === 0;

/** @param points packed as `rows`. @param places of the case's rows among the instances. */
export async function storedOf(
  asked: Case,
  { bounds, features, instances, model, aim }: Ground,
  places: readonly number[],
  points: Float32Array,
  rows: readonly number[],
): Promise<Stored[]> {
  const { size } = asked;
  const inputs = new Float32Array(points.length);
  rows.forEach((row, j) => {
    inputs.set(asked.input(row), j * size);
  });
  const stored = outOfRange(points, pick(asked.x, size, rows), inputs, bounds, [0, 1]);
  if (!features.isPlain)
    rows.forEach((row, j) => {
      stored.set(allowed(features, asked.input(row), rowAt(stored, size, j)), j * size);
    });
  const others = othersAt(
    instances.others,
    rows.map((row) => places[row]!),
  );
  const scores = await asking(model)(stored, rows.length, others);
  return rows.map((row, j): Stored => {
    const [input, values] = [asked.input(row), rowAt(stored, size, j).slice()];
    const own = rowAt(scores, model.classes, j).slice();
    return {
      values,
      scores: own,
      margin: aim.margin(own, asked.label),
      broken: features.schema ? violations(features.schema, input, values) : [],
      changed: changedIn(features, input, values),
    };
  });
}
