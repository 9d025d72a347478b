/** groupL0: the number of groups that are not all zero. */
import { emitClip, emitSavings } from './emit-clip.js';
import { emitSums } from './emit-sums.js';
import { groupsOf, type Labels, normOf } from './groups.js';
import { type Box, clip, each, everywhere, type Penalty, type StepSize } from './penalty.js';

/** Hard thresholding of groups: each is zero, if the box allows, or as near to z as the box allows. */
export function groupL0(labels: Labels): Required<Penalty> {
  const groups = groupsOf(labels);
  return {
    name: 'group l0',
    value: (x) => groups.members.reduce((count, members) => (normOf(x, members) === 0 ? count : count + 1), 0),
    prox(z, step, box = everywhere, out = new Float32Array(z.length)) {
      const { lower, upper } = box;
      for (const i of groups.loose) out[i] = clip(z[i] as number, each(lower, i), each(upper, i));
      for (const members of groups.members) {
        const zero = savings(members, z, step, box) <= 1;
        for (const i of members) out[i] = zero ? 0 : clip(z[i] as number, each(lower, i), each(upper, i));
      }
      return out;
    },
    emitProx(g, z, step, box) {
      const clipped = emitClip(g, z, box);
      // 1e30 is kept whatever else: in a matrix product an infinity would spoil the other groups of its row
      const most = g.scalar(1e30);
      const price = g.op('Max', [g.mul(step, g.scalar(2)), g.scalar(1e-30)]);
      const units = g.op('Div', [emitSavings(g, z, box), price]);
      const saved = emitSums(g, g.op('Where', [g.op('Less', [units, most]), units, most]), groups);
      return g.op('Where', [g.op('LessOrEqual', [saved, g.scalar(1)]), g.scalar(0), clipped]);
    },
  };
}

/** What a group saves if it isn't set to zero, in units of its price; infinite where it cannot be. */
function savings(members: Int32Array, z: Float32Array, step: StepSize, { lower, upper }: Box): number {
  let sum = 0;
  for (const i of members) {
    const value = z[i] as number;
    const low = each(lower, i);
    const high = each(upper, i);
    if (low > 0 || high < 0) return Number.POSITIVE_INFINITY;
    const saved = value * value - (value - clip(value, low, high)) ** 2;
    if (saved !== 0) sum += saved / (2 * each(step, i));
  }
  return sum;
}
