/** deepfool: step by step to the boundary that is nearest if the model is linear. */

import { pick, rowAt } from '../oracle/packed.js';
import { attack } from './attack.js';
import { justBehind, nearestBoundary, rivalsOf } from './nearest-boundary.js';
import { ballNorms } from './norm-balls.js';
import type { Victim } from './victim.js';

/**
 * Moosavi-Dezfooli, Fawzi, Frossard, DeepFool: a simple and accurate method to fool deep neural networks (arXiv 1511.04599). The model
 * is taken as linear around a point, which makes the least step to the nearest boundary and a little further, until it is across.
 * Targeted, the boundary is that of the target.
 *
 * The paper has no box. Here elements that meet its ends stay there, and the others go the whole way in their place: on a linear model
 * that is the least change in the box. In the end the change is halved in on the shortest part of it that still reaches the goal.
 */
export const deepfool = attack({
  name: 'deepfool',
  family: 'l2',
  needs: 'gradients',
  paper:
    'Moosavi-Dezfooli, Fawzi, Frossard, DeepFool: a simple and accurate method to fool deep neural networks (arXiv 1511.04599)',
  range: [0, 1],
  measure: ({ norm }) => norm,
  options: {
    norm: { default: 'l2', about: 'what steps are least in', choices: ballNorms },
    steps: { default: 50, about: 'steps', from: 1, whole: true },
    classes: { default: 10, about: 'labels whose boundaries are looked at, with its own', from: 2, whole: true },
    overshoot: { default: 0.02, about: 'share by which steps are lengthened to cross the boundary', from: 0 },
    halvings: { default: 10, about: 'halvings towards the clean example in the end', from: 0, whole: true },
  },
  async run(victim, { norm, steps, classes, overshoot, halvings }) {
    const { size, x } = victim;
    const rivals = await rivalsOf(victim, classes - 1);
    const points = new Float32Array(x);
    let rows = victim.all;
    for (let step = 1; step <= steps && rows.length > 0; step++) {
      const asked = rows;
      const near = await nearestBoundary(victim, pick(points, size, asked), asked, rivals, norm);
      rows = asked.filter((row, j) => {
        if (near.margins[j] < 0) return false;
        const missing = (1 + overshoot) * near.gaps[j] + justBehind;
        return moveTo(victim, row, rowAt(points, size, row), rowAt(near.normals, size, j), missing, norm);
      });
      // a success is told before a gradient a rival is asked for
      if (rows.length === 0 || (victim.targeted && step < steps)) continue;
      const { margins } = await victim.scores(pick(points, size, rows), rows);
      rows = rows.filter((_, j) => margins[j] >= 0);
    }
    await halve(victim, halvings);
  },
});

/**
 * Moves a point in place so far along a boundary's normal that `normal . step` is what is missing, but for elements that meet the box
 * on their way. @returns whether any element could move.
 */
function moveTo(
  { lower, upper, size }: Victim,
  row: number,
  point: Float32Array,
  normal: Float32Array,
  missing: number,
  norm: 'linf' | 'l2',
): boolean {
  let length = 0;
  for (let i = 0, at = row * size; i < size; i++, at++) {
    if (normal[i] > 0 ? point[i] >= upper[at] : point[i] <= lower[at]) normal[i] = 0;
    length += norm === 'l2' ? normal[i] * normal[i] : Math.abs(normal[i]);
  }
  if (length === 0) return false;
  for (let i = 0, at = row * size; i < size; i++, at++) {
    const step = (missing / length) * (norm === 'l2' ? normal[i] : Math.sign(normal[i]));
    point[i] = Math.min(upper[at], Math.max(lower[at], point[i] + step));
  }
  return true;
}

/** Asks about shares of each change found, between the largest that fails and the least that does not. */
async function halve(victim: Victim, halvings: number): Promise<void> {
  const { size, x, lower, upper } = victim;
  const rows = victim.all.filter((row) => victim.found(row));
  if (rows.length === 0) return;
  const ends = rows.map((row) => victim.best(row).slice());
  const [low, high] = [rows.map(() => 0), rows.map(() => 1)];
  for (let round = 0; round < halvings; round++) {
    const shares = rows.map((_, j) => (low[j] + high[j]) / 2);
    const points = new Float32Array(rows.length * size);
    rows.forEach((row, j) => {
      for (let i = 0, at = row * size; i < size; i++, at++) {
        const point = x[at] + shares[j] * (ends[j][i] - x[at]);
        points[j * size + i] = Math.min(upper[at], Math.max(lower[at], point));
      }
    });
    const { margins } = await victim.scores(points, rows);
    shares.forEach((share, j) => {
      if (margins[j] < 0) high[j] = share;
      else low[j] = share;
    });
  }
}
