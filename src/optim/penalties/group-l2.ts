/** groupL2: the sum of the Euclidean norms of groups. */
import { UserError } from '../../errors.js';
import { crossing } from './crossing.js';
import { emitSums } from './emit-sums.js';
import { type Groups, groupsOf, type Labels, normOf } from './groups.js';
import { type Box, clip, each, everywhere, type Penalty, type StepSize } from './penalty.js';

/**
 * Group lasso: Yuan and Lin, Model selection and estimation in regression with grouped variables (JRSS B 2006). Groups don't overlap;
 * to weigh them, give the elements of each their own step. With a box or with steps that differ within a group the minimum is
 * found through the group's norm, to 12 digits. Within a graph steps don't differ within a group, and a NaN spreads over its row.
 * @throws UserError in `emitProx` if there is a box.
 */
export function groupL2(labels: Labels): Required<Penalty> {
  const groups = groupsOf(labels);
  return {
    name: 'group l2',
    value: (x) => groups.members.reduce((sum, members) => sum + normOf(x, members), 0),
    prox(z, step, box, out = new Float32Array(z.length)) {
      if (!box && typeof step === 'number') return shrink(groups, z, step, out);
      const { lower, upper } = box ?? everywhere;
      for (const i of groups.loose) out[i] = clip(z[i] as number, each(lower, i), each(upper, i));
      for (const members of groups.members) {
        const norm = leastNorm(members, z, step, { lower, upper });
        for (const i of members) {
          const p = norm === 0 ? 0 : (z[i] as number) / (1 + each(step, i) / norm);
          out[i] = clip(p, each(lower, i), each(upper, i));
        }
      }
      return out;
    },
    emitProx(g, z, step, box) {
      if (box) {
        throw new UserError('groupL2', 'expected no box within a graph, got one; step on arrays, or take groupL0');
      }
      const norm = g.op('Sqrt', [emitSums(g, g.mul(z, z), groups)]);
      const shrunk = g.sub(z, g.op('Div', [g.mul(z, step), norm]));
      return g.op('Where', [g.op('LessOrEqual', [norm, step]), g.scalar(0), shrunk]);
    },
  };
}

function shrink({ members: all, loose }: Groups, z: Float32Array, t: number, out: Float32Array): Float32Array {
  for (const i of loose) out[i] = z[i] as number;
  for (const members of all) {
    const norm = normOf(z, members);
    const scale = norm <= t ? 0 : 1 - t / norm;
    for (const i of members) out[i] = scale === 0 ? 0 : scale * (z[i] as number);
  }
  return out;
}

/** The norm of the minimiser p, which is clip(z_i / (1 + t_i / norm)). */
function leastNorm(members: Int32Array, z: Float32Array, step: StepSize, { lower, upper }: Box): number {
  let nearest = 0;
  let farthest = 0;
  let pull = 0;
  for (const i of members) {
    const value = z[i] as number;
    const low = each(lower, i);
    const high = each(upper, i);
    nearest += clip(0, low, high) ** 2;
    farthest += clip(value, low, high) ** 2;
    // an element that the box keeps from following z doesn't pull the group from zero
    if (value > 0 ? high > 0 : value < 0 && low < 0) pull += (value / each(step, i)) ** 2;
  }
  if (Number.isNaN(farthest)) return farthest;
  if (nearest === 0 && pull <= 1) return 0;

  const low = Math.sqrt(nearest);
  const high = Math.sqrt(farthest);
  if (low === high) return high;
  /** |p / norm|^2 - 1, which falls as the norm grows. */
  const excess = (norm: number): [number, number] => {
    let square = 0;
    let slope = 0;
    for (const i of members) {
      const free = (z[i] as number) / (norm + each(step, i));
      const part = clip(free, each(lower, i) / norm, each(upper, i) / norm);
      square += part * part;
      slope -= (2 * part * part) / (part === free ? norm + each(step, i) : norm);
    }
    return [square - 1, slope];
  };
  return crossing(excess, low, high, high);
}
