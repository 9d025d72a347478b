/** shorten: of the changes that reach a goal, as few as still do. */
import { rowAt } from '../oracle/packed.js';
import type { Victim } from './victim.js';

/**
 * Orders each point's changed elements by what they are worth and halves in on the fewest of the best that still reach the goal, as if
 * more always did. The victim keeps what is found.
 * @param points that reach the goal, [rows, size]. @param worth of each element of each.
 */
export async function shorten(
  victim: Victim,
  points: Float32Array,
  rows: readonly number[],
  worth: Float32Array,
): Promise<void> {
  const { size, x } = victim;
  const orders = rows.map((row, j) => {
    const changed: number[] = [];
    for (let i = 0; i < size; i++) if (points[j * size + i] !== x[row * size + i]) changed.push(i);
    const own = rowAt(worth, size, j);
    return changed.sort((a, b) => own[b] - own[a]);
  });
  const [low, high] = [orders.map(() => 0), orders.map(({ length }) => length)];
  const isOpen = (j: number): boolean => high[j] - low[j] > 1;
  for (let open = rows.map((_, j) => j).filter(isOpen); open.length > 0; open = open.filter(isOpen)) {
    const asked = new Float32Array(open.length * size);
    const middle = open.map((j) => Math.floor((low[j] + high[j]) / 2));
    open.forEach((j, k) => {
      asked.set(rowAt(x, size, rows[j]), k * size);
      for (const i of orders[j].slice(0, middle[k])) asked[k * size + i] = points[j * size + i];
    });
    const samples = open.map((j) => rows[j]);
    const { margins } = await victim.scores(asked, samples);
    open.forEach((j, k) => {
      if (margins[k] < 0) high[j] = middle[k];
      else low[j] = middle[k];
    });
  }
}
