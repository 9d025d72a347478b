/** Passed: the best point of each descent that reached the goal, where points on the way are not allowed as they are and so not kept. */
import type { Case } from '../case.js';

export class Passed {
  readonly #best = new Map<number, { readonly point: Float32Array; readonly cost: number }>();

  /** @param point one of the search. @param cost what is descended on. */
  see(row: number, point: Float32Array, margin: number, cost: number): void {
    if (margin < 0 && cost < (this.#best.get(row)?.cost ?? Number.POSITIVE_INFINITY))
      this.#best.set(row, { point: point.slice(), cost });
  }

  /** The allowed points that are nearest to them may be kept. */
  async propose(asked: Case): Promise<void> {
    const rows = [...this.#best.keys()];
    if (rows.length === 0) return;
    const points = new Float32Array(rows.length * asked.size);
    rows.forEach((row, j) => {
      points.set(this.#best.get(row)!.point, j * asked.size);
    });
    await asked.propose(points, rows);
  }
}
