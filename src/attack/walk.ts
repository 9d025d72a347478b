/** walk: examples that step after step go where their gradient leads, each until it reaches the goal. */
import type { Objective } from '../oracle/objectives.js';
import { pick, rowAt } from '../oracle/packed.js';
import type { Victim } from './victim.js';

export interface Walk {
  readonly objective: Objective;
  readonly steps: number;
  /** Those that walk. */
  readonly rows: readonly number[];
  /** Where they start, packed as `victim.x`; afterwards, where they ended. */
  readonly points: Float32Array;
  /** Moves a point in place. @param gradient of the objective there: against it the goal comes nearer. */
  readonly move: (row: number, point: Float32Array, gradient: Float32Array, step: number) => void;
}

/** The gradient's own forward pass tells who is done; only the last points are looked at without one. */
export async function walk(victim: Victim, { objective, steps, rows, points, move }: Walk): Promise<void> {
  const { size } = victim;
  let walking = rows;
  for (let step = 0; walking.length > 0; step++) {
    const [asked, at] = [walking, pick(points, size, walking)];
    if (step === steps) {
      await victim.scores(at, asked);
      return;
    }
    const { margins, gradients } = await victim.slopes(objective, at, asked);
    walking = asked.filter((row, j) => {
      if (margins[j] < 0) return false;
      move(row, rowAt(points, size, row), rowAt(gradients, size, j), step);
      return true;
    });
  }
}
