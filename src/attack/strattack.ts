/** strattack: copies of one change, each good at one thing, are drawn together: short, within the box, nothing in most groups, fooling. */
import { groupL2, overChannels, type Penalty } from '../optim/penalties/index.js';
import { carliniWagner } from '../oracle/objectives.js';
import { pack } from '../oracle/packed.js';
import { attack } from './attack.js';
import { type Room, roomOf } from './room.js';
import { refine } from './strattack-refinement.js';
import { tileLabels } from './tiles.js';
import type { Victim } from './victim.js';
import { WeightSearch } from './weight-search.js';

/**
 * Xu, Liu, Zhao, Chen, Zhang, Fan, Erdogmus, Wang, Lin, Structured adversarial attack: towards general implementation and better
 * interpretability (arXiv 1808.01664). The alternating direction method of multipliers on gamma |d|^2 + tau (sum of norms of groups)
 * + c f(x + d), a search for c, and a refinement on the elements that the best change holds.
 *
 * The constants are those of the comparison in Sadiku, Wagner, Pokutta (arXiv 2311.17434), whose code averages the loss over its
 * batch; here, as in the authors' code, c weighs each example's own loss. An example counts as better by its own norm and not, as
 * there, by that of the copy beside it. Groups are squares over all channels, segments of series, runs of features.
 */
export const strattack = attack({
  name: 'strattack',
  family: 'group',
  needs: 'gradients',
  paper:
    'Xu, Liu, Zhao, Chen, Zhang, Fan, Erdogmus, Wang, Lin, Structured adversarial attack: towards general implementation and better interpretability (arXiv 1808.01664)',
  range: [-1, 1],
  measure: 'l2',
  options: {
    c: { default: 0.25, about: 'weight of the loss at the start', from: 1e-12 },
    group: { default: 2, about: 'side of a group, or its length', from: 1, whole: true },
    tau: { default: 2, about: 'weight of the norms of groups', from: 0 },
    gamma: { default: 1, about: 'weight of the squared l2 norm', from: 0 },
    rho: { default: 1, about: 'how strongly the copies are drawn together', from: 1e-12 },
    alpha: { default: 5, about: 'inertia of the copy that fools, which grows with the root of the steps', from: 1e-12 },
    limit: { default: 1, about: 'most that an element changes', from: 1e-12 },
    steps: { default: 200, about: 'steps for each weight of the loss', from: 1, whole: true },
    searchSteps: { default: 8, about: 'weights tried', from: 1, whole: true },
    growth: { default: 5, about: 'growth of the weight until one is enough', from: 1.01 },
    refinement: {
      default: 'original',
      about:
        'descent on the support as in the original code, as in the comparison, which multiplies where it should add, or none',
      choices: ['original', 'port', 'none'],
    },
    refineWeight: { default: 5, about: 'weight of the loss at the start of the refinement', from: 1e-12 },
    refineSteps: { default: 200, about: 'steps of refinement for each weight', from: 1, whole: true },
    refineSearchSteps: { default: 8, about: 'weights tried in the refinement', from: 1, whole: true },
  },
  defaults: ({ kind, positions }) => {
    if (kind === 'features') return { group: 1 };
    return positions > 32 * 32 ? { c: 2.5, group: 8 } : { group: kind === 'series' ? 4 : 2 };
  },
  async run(victim, options) {
    const { space } = victim;
    const groups = groupL2(overChannels(tileLabels(space, options.group), space.channels));
    const room = roomOf(victim, options.limit);
    const searches = victim.all.map(() => new WeightSearch(options.c, options.growth));
    for (let step = 0; step < options.searchSteps; step++) {
      const before = victim.all.map((row) => victim.cost(row));
      await alternate(
        victim,
        searches.map(({ weight }) => weight),
        groups,
        room,
        options,
      );
      // as published: a weight that fools and betters nothing is taken for too small
      for (const row of victim.all) searches[row]!.tell(victim.cost(row) < before[row]!);
    }
    if (options.refinement !== 'none') await refine(victim, room, { ...options, form: options.refinement });
  },
});

const hinge = carliniWagner();

interface Settings {
  readonly tau: number;
  readonly gamma: number;
  readonly rho: number;
  readonly alpha: number;
  readonly steps: number;
}

/** From no change; the group-sparse copies are the candidates. */
async function alternate(
  victim: Victim,
  weights: readonly number[],
  groups: Penalty,
  { low, high }: Room,
  { tau, gamma, rho, alpha, steps }: Settings,
): Promise<void> {
  const { size, x, all } = victim;
  // z fools; its copies: short, within the box (w), group-sparse (y), with u, s and v that draw them to z
  const z = new Float32Array(x.length);
  const [u, s, v] = [new Float32Array(x.length), new Float32Array(x.length), new Float32Array(x.length)];
  const y = new Float32Array(size);
  const shorter = rho / (rho + 2 * gamma);
  for (let step = 0; step < steps; step++) {
    const { gradients } = await victim.slopes(
      hinge,
      pack(all, size, (i) => x[i]! + z[i]!),
      all,
      'guide',
    );
    const eta = alpha * Math.sqrt(step + 1);
    const candidates = new Float32Array(x.length);
    const promising: number[] = [];
    for (const row of all) {
      const [from, weight] = [row * size, weights[row]!];
      const to = promising.length * size;
      for (let i = 0; i < size; i++) y[i] = z[from + i]! - v[from + i]! / rho;
      groups.prox(y, tau / rho, undefined, y);
      let square = 0;
      for (let i = 0; i < size; i++) {
        const at = from + i;
        const [start, fools, sparse] = [x[at]!, z[at]!, y[i]!];
        const short = shorter * (fools - u[at]! / rho);
        const inside = Math.min(high[at]! - start, Math.max(low[at]! - start, fools - s[at]! / rho));
        const pull = rho * (short + inside + sparse) + u[at]! + s[at]! + v[at]!;
        const next = Math.fround((eta * fools + pull - weight * gradients[at]!) / (eta + 3 * rho));
        u[at] = u[at]! + rho * (short - next);
        s[at] = s[at]! + rho * (inside - next);
        v[at] = v[at]! + rho * (sparse - next);
        z[at] = next;
        const point = Math.min(high[at]!, Math.max(low[at]!, Math.fround(start + sparse)));
        candidates[to + i] = point;
        square += (point - start) ** 2;
      }
      // others cannot become the best, and are not asked about
      if (square > 0 && Math.sqrt(square) < victim.cost(row)) promising.push(row);
    }
    if (promising.length > 0) await victim.scores(candidates.subarray(0, promising.length * size), promising);
  }
}
