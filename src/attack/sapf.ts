/** sapf: a change is a size times a mask; sizes descend, masks are drawn to be 0 or 1, few, and alike within groups. */
import { type Labels, overChannels } from '../optim/penalties/index.js';
import { attack } from './attack.js';
import { type Boxed, factored, type Pace, pass } from './factorisation.js';
import { firstStrengths, type Strengths, turnMask } from './sapf-mask.js';
import { type Course, sideBySide } from './side-by-side.js';
import { superpixels } from './superpixels.js';
import type { Use, Victim } from './victim.js';
import { WeightSearch } from './weight-search.js';

const range = [-1, 1] as const;

/**
 * Fan, Wu, Li, Zhang, Li, Li, Yang, Sparse adversarial attack via perturbation factorization (ECCV 2020): |d G|^2 + lambda1 f(x + d G)
 * + lambda2 (sum of norms of G over groups), with G of k ones, by turns over d and over G, then over d alone under the rounded G.
 * The weight of the loss is searched. k is aimed at and no bound: rounding may leave more ones or fewer.
 *
 * Constants are those of the comparison in Sadiku, Wagner, Pokutta (arXiv 2311.17434), with as many ones for the elements there are.
 * Its code cuts pixels in [-1, 1] into superpixels as if they were bytes, which leaves three shades; here they are scaled first.
 * Of examples with about as many changes the one of least norm is kept, as the authors' search ends at, and not the one with fewest.
 */
export const sapf = attack({
  name: 'sapf',
  family: 'group',
  needs: 'gradients',
  paper: 'Fan, Wu, Li, Zhang, Li, Li, Yang, Sparse adversarial attack via perturbation factorization (ECCV 2020)',
  range,
  measure: 'l2',
  options: {
    k: { default: 265, about: 'elements that the mask lets change, about', from: 1 },
    segments: { default: 150, about: 'superpixels that are groups, about', from: 1, whole: true },
    lambda1: { default: 1e-3, about: 'weight of the loss at the start', from: 1e-12 },
    lambda2: { default: 10, about: 'weight of the norms of groups', from: 0 },
    rounds: { default: 10, about: 'turns of sizes and mask', from: 1, whole: true },
    sizeSteps: {
      default: 200,
      about: 'steps over the sizes in a turn, and half as many in the end',
      from: 2,
      whole: true,
    },
    maskSteps: { default: 200, about: 'steps over the mask in a turn', from: 1, whole: true },
    stepSize: { default: 0.1, about: 'first step of both', from: 1e-12 },
    searchSteps: { default: 10, about: 'weights tried', from: 1, whole: true },
  },
  // 265 of 3072 elements, 19000 of 196608
  defaults: ({ size, positions }) =>
    positions > 64 * 64
      ? { k: Math.round(0.0966 * size), segments: 350, lambda1: 0.01 }
      : { k: Math.max(1, Math.round(0.0863 * size)) },
  async run(victim, options) {
    await sideBySide(victim, (row) => courseOf(victim, row, options));
  },
});

interface Settings {
  readonly k: number;
  readonly segments: number;
  readonly lambda1: number;
  readonly lambda2: number;
  readonly rounds: number;
  readonly sizeSteps: number;
  readonly maskSteps: number;
  readonly stepSize: number;
  readonly searchSteps: number;
}

/** As published: a loss that weighs less than this share of what it did at first isn't tried. */
const least = 0.01;

function* courseOf(victim: Victim, row: number, options: Settings): Course<void> {
  const own = (values: Float32Array): Float32Array => values.subarray(row * victim.size, (row + 1) * victim.size);
  const scene = { x: own(victim.x), lower: own(victim.lower), upper: own(victim.upper) };
  const labels = overChannels(superpixels(victim, row, options.segments, range), victim.space.channels);
  const search = new WeightSearch(options.lambda1, 10);
  for (let step = 0; step < options.searchSteps; step++) {
    search.tell(yield* attempt(scene, labels, search.weight, options));
    if (search.weight < least * options.lambda1) return;
  }
}

/** From no change and a full mask. @returns whether the goal was reached under the rounded mask. */
function* attempt(scene: Boxed, labels: Labels, lambda1: number, options: Settings): Course<boolean> {
  const { rounds, sizeSteps, stepSize } = options;
  const sizes = new Float32Array(scene.x.length);
  const mask = new Float32Array(scene.x.length).fill(1);
  const [sizePace, maskPace] = [
    { size: stepSize, taken: 0 },
    { size: stepSize, taken: 0 },
  ];
  const strengths: Strengths = [...firstStrengths];
  for (let turn = 0; turn < rounds; turn++) {
    yield* descend(scene, sizes, mask, lambda1, sizeSteps, sizePace, 'guide');
    yield* turnMask(scene, sizes, mask, maskPace, strengths, { ...options, labels, lambda1 });
  }
  round(mask, options.k);
  const fooled = yield* descend(scene, sizes, mask, lambda1, Math.floor(sizeSteps / 2), sizePace, 'candidate');
  const { margin } = yield* factored(scene, sizes, mask, 'candidate', false);
  return fooled || margin < 0;
}

/** To ones and zeros. Where none would be a one, after turns too few to tell, the k largest are. */
function round(mask: Float32Array, k: number): void {
  const least = mask.some((share) => share > 0.5)
    ? 0.5
    : (mask.slice().sort()[Math.max(0, mask.length - 1 - Math.round(k))] as number);
  for (let i = 0; i < mask.length; i++) mask[i] = Number(mask[i]! > least);
}

/** Moves the sizes. @returns whether any point on the way reached the goal. */
function* descend(
  scene: Boxed,
  sizes: Float32Array,
  mask: Float32Array,
  lambda1: number,
  steps: number,
  pace: Pace,
  use: Use,
): Course<boolean> {
  let fooled = false;
  for (let step = 0; step < steps; step++) {
    const { gradient, margin } = yield* factored(scene, sizes, mask, use);
    fooled ||= margin < 0;
    for (let i = 0; i < sizes.length; i++) {
      const share = mask[i]!;
      sizes[i] = sizes[i]! - pace.size * share * (2 * sizes[i]! * share + lambda1 * gradient[i]!);
    }
    pass(pace);
  }
  return fooled;
}
