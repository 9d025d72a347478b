/** saif: Frank-Wolfe over a change and a mask of it at once, the mask within a simplex that keeps it sparse. */
import { keep } from '../masks/select.js';
import { crossEntropy } from '../oracle/objectives.js';
import { rowAt } from '../oracle/packed.js';
import { attack } from './attack.js';
import type { Victim } from './victim.js';

/**
 * Imtiaz, Kohler, Miller, Wang, Sznaier, Camps, Dy, SAIF: sparse adversarial and imperceptible attack framework (arXiv 2212.07495).
 * The example is x + s p: p lies in the ball of `eps` around 0, s has elements in [0, 1] that sum to at most k. Each step goes a part of
 * the way to the corner where the linearised cross-entropy is least, a part that is halved for good until the loss does not grow.
 *
 * Choices: the ball is cut with the box, so that steps need no clipping; the mask starts on the k largest elements of the gradient,
 * the corner for the first p; an example is done at its first success, as the mask never gets back to 0 where it has been more and
 * later ones change no fewer elements. k bounds the sum of the mask: the count of changed elements can be larger. Each try is a
 * gradient, which the next step uses.
 */
export const saif = attack({
  name: 'saif',
  family: 'sparse',
  needs: 'gradients',
  paper:
    'Imtiaz, Kohler, Miller, Wang, Sznaier, Camps, Dy, SAIF: sparse adversarial and imperceptible attack framework (arXiv 2212.07495)',
  range: [-1, 1],
  measure: 'elements',
  budget: 'k',
  options: {
    k: { default: 25, about: 'most that the mask of elements sums to', from: 1, whole: true },
    eps: { default: 1, about: 'most that an element changes', from: 1e-12 },
    steps: { default: 200, about: 'steps of Frank-Wolfe', from: 1, whole: true },
    halvings: { default: 1, about: 'how often the first step is halved', from: 0, to: 50, whole: true },
  },
  defaults: ({ positions }, targeted) => (positions > 64 * 64 ? { k: targeted ? 500 : 50 } : { k: targeted ? 50 : 25 }),
  async run(victim, { k, eps, steps, halvings }) {
    const { size, x } = victim;
    const { gradients } = await victim.slopes(crossEntropy, x, victim.all);
    const walks = victim.all.map((row) => begin(victim, row, rowAt(gradients, size, row), victim.budget(row, k), eps));
    const halved = walks.map(() => halvings);
    let rows = victim.all;
    // the first points are taken whatever their loss
    const tries = [...walks];
    while (rows.length > 0) {
      const points = new Float32Array(rows.length * size);
      rows.forEach((row, j) => {
        write(points, j * size, x.subarray(row * size), tries[row]);
      });
      const found = await victim.slopes(crossEntropy, points, rows);
      rows.forEach((row, j) => {
        const [walk, loss] = [walks[row], found.values[j]];
        if (loss > walk.loss && halved[row] < mostHalvings) halved[row]++;
        else walks[row] = { ...tries[row], loss, slope: found.gradients.slice(j * size, (j + 1) * size) };
      });
      rows = rows.filter((row, j) => found.margins[j] >= 0 && walks[row].step < steps);
      for (const row of rows) {
        const part = 1 / (2 ** halved[row] * Math.sqrt(walks[row].step + 1));
        tries[row] = towards(victim, row, walks[row], victim.budget(row, k), eps, part);
      }
    }
  },
});

/** Beyond, a step is lost in rounding. */
const mostHalvings = 50;

interface Walk {
  readonly p: Float32Array;
  readonly s: Float32Array;
  readonly step: number;
  readonly loss: number;
  /** Of the loss with respect to the example. */
  readonly slope: Float32Array;
}

function begin(victim: Victim, row: number, slope: Float32Array, k: number, eps: number): Walk {
  const p = cornerOfBall(victim, row, slope, eps);
  const s = cornerOfSimplex(product(slope, p), k);
  return { p, s, step: 0, loss: Number.POSITIVE_INFINITY, slope };
}

/** The step of Frank-Wolfe, `part` of the way to both corners. */
function towards(
  victim: Victim,
  row: number,
  { p, s, step, loss, slope }: Walk,
  k: number,
  eps: number,
  part: number,
): Walk {
  const v = cornerOfBall(victim, row, product(slope, s), eps);
  const z = cornerOfSimplex(product(slope, p), k);
  return { p: mixed(p, v, part), s: mixed(s, z, part), step: step + 1, loss, slope };
}

/** Where the linear function is least in the ball and the box; 0 where it is flat. */
function cornerOfBall({ x, lower, upper, size }: Victim, row: number, slope: Float32Array, eps: number): Float32Array {
  const from = row * size;
  return slope.map((value, i) => {
    const at = from + i;
    if (value === 0) return 0;
    return value > 0 ? Math.max(-eps, lower[at] - x[at]) : Math.min(eps, upper[at] - x[at]);
  });
}

/** 1 on the k most negative elements of the slope. */
function cornerOfSimplex(slope: Float32Array, k: number): Float32Array {
  const gains = slope.map((value) => -value);
  const kept = keep(gains, gains.length, { count: Math.max(0, gains.length - k) });
  return gains.map((gain, i) => (gain > 0 ? kept[i] : 0));
}

const product = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, i) => value * b[i]);

const mixed = (from: Float32Array, to: Float32Array, part: number): Float32Array =>
  from.map((value, i) => value + part * (to[i] - value));

function write(points: Float32Array, from: number, x: Float32Array, { p, s }: Walk): void {
  for (let i = 0; i < p.length; i++) points[from + i] = x[i] + s[i] * p[i];
}
