/** drawBack: counterfactuals brought nearer to their instances, along the straight way, as long as they hold and change the same features. */
import { concatenated } from '../../oracle/packed.js';
import type { Alternative } from '../finding.js';
import type { Ground } from '../ground/ground.js';
import { asPoints } from '../ground/ground.js';
import { isValid, storedOf } from '../stored.js';
import type { First } from './first.js';

/** The way is halved so often. */
const halvings = 6;

/** @param rows of the case that they belong to. @returns them, those that could not come nearer as they were. */
export async function drawBack(
  { asked, places }: Pick<First, 'asked' | 'places'>,
  ground: Ground,
  found: readonly Alternative[],
  rows: readonly number[],
): Promise<Alternative[]> {
  const { size } = asked;
  const made = [...found];
  const ends = found.map(({ counterfactual }) => asPoints(counterfactual, ground.bounds));
  const share = found.map(() => ({ low: 0, high: 1 }));
  for (let k = 0; k < halvings && found.length > 0; k++) {
    const points = rows.map((row, j) => {
      const middle = (share[j]!.low + share[j]!.high) / 2;
      const [input, from] = [asked.input(row), row * size];
      // what does not change is the instance to the bit
      return ends[j]!.map((end, i) => {
        const start = asked.x[from + i]!;
        return found[j]!.counterfactual[i] === input[i] ? start : start + middle * (end - start);
      });
    });
    const stored = await storedOf(asked, ground, places, concatenated(points), rows);
    stored.forEach((each, j) => {
      const middle = (share[j]!.low + share[j]!.high) / 2;
      const isSame = each.changed.join() === found[j]!.changed.join();
      if (!isSame || !isValid(each)) share[j]!.low = middle;
      else {
        share[j]!.high = middle;
        const { values: counterfactual, scores, margin, changed } = each;
        made[j] = { counterfactual, scores, margin, changed };
      }
    });
  }
  return made;
}
