/** jsma: two elements at a time, the pair whose change raises the goal and lowers the rest most, are moved until the goal is reached. */

import { pick, rowAt } from '../oracle/packed.js';
import { attack } from './attack.js';
import { salientPair } from './salient-pair.js';
import type { Victim } from './victim.js';

/**
 * Papernot, McDaniel, Jha, Fredrikson, Celik, Swami, The limitations of deep learning in adversarial settings (arXiv 1511.07528), on
 * logits as there. A pair's saliency is the rise of the target's score times the fall of the sum of the others, where both are
 * positive. Untargeted, the label's fall times the others' rise: Wiyatno, Xu, Maximal Jacobian-based saliency map attack (arXiv
 * 1808.07945), NT-JSMA.
 *
 * Choices: each element of a pair moves in the direction that serves it, as long as it has not gone the other way before. Derivatives
 * are weighted by how far the box lets the element go (Loison, Combey, Hajri, Probabilistic Jacobian-based saliency maps attacks, arXiv
 * 2007.06032); on the black and white images of the first paper this is no change. An element goes alone where no other helps it.
 */
export const jsma = attack({
  name: 'jsma',
  family: 'sparse',
  needs: 'gradients',
  paper:
    'Papernot, McDaniel, Jha, Fredrikson, Celik, Swami, The limitations of deep learning in adversarial settings (arXiv 1511.07528)',
  range: [0, 1],
  measure: 'elements',
  options: {
    theta: { default: 1, about: 'how far an element moves at a step', from: 1e-6, to: 1 },
    gamma: { default: 0.145, about: 'share of the elements that may change', from: 0, to: 1 },
    direction: {
      default: 'both',
      about: 'whether elements may rise, fall or either',
      choices: ['both', 'increase', 'decrease'],
    },
    saliency: {
      default: 'change',
      about: 'what a pair is chosen by: the change that its move makes, or the slope alone as first published',
      choices: ['change', 'slope'],
    },
  },
  async run(victim, options) {
    const { size, classes, x, lower, upper, goals } = victim;
    const points = new Float32Array(x);
    // where each element has gone: up 1, down -1
    const gone = new Int8Array(x.length);
    const left = victim.all.map((row) => Math.max(1, Math.floor(options.gamma * movable(victim, row))));
    const moves: Moves = { u: new Float32Array(size), w: new Float32Array(size), steps: new Float32Array(size) };
    for (let rows = victim.all; rows.length > 0; ) {
      const asked = [...rows, ...rows];
      // first of the goal's score, then of the sum of the others
      const cotangents = new Float32Array(asked.length * classes);
      asked.forEach((row, j) => {
        const isGoal = j < rows.length;
        cotangents.fill(isGoal ? 0 : 1, j * classes, (j + 1) * classes);
        cotangents[j * classes + goals[row]] = isGoal ? 1 : 0;
      });
      const { gradients, margins } = await victim.pullback(pick(points, size, asked), cotangents, asked);
      rows = rows.filter((row, j) => {
        if (margins[j] < 0 || margins[j] === Number.POSITIVE_INFINITY) return false;
        const [goal, rest] = [rowAt(gradients, size, j), rowAt(gradients, size, asked.length / 2 + j)];
        weigh(moves, victim, row, { points, gone, goal, rest, mayChange: left[row] > 0 }, options);
        const pair = salientPair(moves.u, moves.w);
        for (const i of pair) {
          const at = row * size + i;
          if (gone[at] === 0 && left[row] === 0) continue;
          if (gone[at] === 0) left[row]--;
          gone[at] = Math.sign(moves.steps[i]);
          points[at] = Math.min(upper[at], Math.max(lower[at], points[at] + moves.steps[i]));
        }
        return pair.length > 0;
      });
    }
  },
});

/** Of each element: what its move does for the goal, what it takes from the rest, and the move. */
interface Moves {
  readonly u: Float32Array;
  readonly w: Float32Array;
  readonly steps: Float32Array;
}

interface State {
  readonly points: Float32Array;
  readonly gone: Int8Array;
  /** Slopes of the goal's score and of the sum of the others. */
  readonly goal: Float32Array;
  readonly rest: Float32Array;
  /** Whether elements may move that have not moved yet. */
  readonly mayChange: boolean;
}

interface Settings {
  readonly theta: number;
  readonly direction: 'both' | 'increase' | 'decrease';
  readonly saliency: 'change' | 'slope';
}

function weigh(
  { u, w, steps }: Moves,
  { size, lower, upper, targeted }: Victim,
  row: number,
  { points, gone, goal, rest, mayChange }: State,
  { theta, direction, saliency }: Settings,
): void {
  // a target's score is to rise, a label's to fall
  const sign = targeted ? 1 : -1;
  for (let i = 0; i < size; i++) {
    const at = row * size + i;
    const isFree = mayChange || gone[at] !== 0;
    const up = isFree && gone[at] >= 0 && direction !== 'decrease' ? Math.min(theta, upper[at] - points[at]) : 0;
    const down = isFree && gone[at] <= 0 && direction !== 'increase' ? Math.min(theta, points[at] - lower[at]) : 0;
    steps[i] = sign * (goal[i] - rest[i]) > 0 ? up : -down;
    const weight = sign * (saliency === 'change' ? steps[i] : Math.sign(steps[i]));
    u[i] = steps[i] === 0 ? Number.NEGATIVE_INFINITY : goal[i] * weight;
    w[i] = -rest[i] * weight;
  }
}

function movable(victim: Victim, row: number): number {
  let count = 0;
  for (let at = row * victim.size; at < (row + 1) * victim.size; at++) if (!victim.isFixed(at)) count++;
  return count;
}
