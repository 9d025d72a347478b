/** sparsefool: the boundary is found by DeepFool and taken as flat; then elements go, one after the other, as far as the box lets them. */

import { pick, rowAt } from '../oracle/packed.js';
import { attack } from './attack.js';
import { crossings } from './crossings.js';
import { rivalsOf } from './nearest-boundary.js';
import { shorten } from './shorten.js';
import type { Victim } from './victim.js';

/**
 * Modas, Moosavi-Dezfooli, Frossard, SparseFool: a few pixels make a big difference (arXiv 1811.02248). From where it stands, DeepFool
 * crosses the boundary; elements move by their slope there, the steepest first, each as far as the box lets it or until the plane
 * `lambda` times as far is met; and again, until the goal is reached. Targeted, DeepFool goes to the target.
 *
 * The steepest elements are least in l1 and may have little room, so that some of those changed do next to nothing. In the end the
 * changes are ordered by slope times move, and the shortest beginning that still reaches the goal is searched by halving. Published code
 * gives up after 20 boundaries, which is too few for targets.
 */
export const sparsefool = attack({
  name: 'sparsefool',
  family: 'sparse',
  needs: 'gradients',
  paper: 'Modas, Moosavi-Dezfooli, Frossard, SparseFool: a few pixels make a big difference (arXiv 1811.02248)',
  range: [0, 1],
  measure: 'elements',
  options: {
    lambda: { default: 3, about: 'how far it aims, in ways to the boundary', from: 1 },
    iterations: { default: 50, about: 'boundaries that are approximated', from: 1, whole: true },
    steps: { default: 50, about: 'steps of DeepFool to each', from: 1, whole: true },
    classes: { default: 10, about: 'labels whose boundaries are looked at, with its own', from: 2, whole: true },
    overshoot: { default: 0.02, about: 'share by which changes are lengthened to cross a boundary', from: 0 },
    shorten: { default: true, about: 'whether changes that are not needed are taken back in the end' },
  },
  async run(victim, { lambda, iterations, classes, shorten: mayShorten, ...settings }) {
    const { size, x } = victim;
    const rivals = await rivalsOf(victim, classes - 1);
    const points = new Float32Array(x);
    let rows = victim.all;
    for (let iteration = 0; iteration < iterations && rows.length > 0; iteration++) {
      const asked = rows;
      const { normals, ways } = await crossings(victim, points, asked, rivals, settings);
      const further = new Float32Array(asked.length * size);
      const hasMoved = asked.map((row, j) => {
        const point = rowAt(points, size, row);
        const moved = solve(victim, row, point, rowAt(normals, size, j), lambda * ways[j]);
        lengthen(victim, row, point, 1 + settings.overshoot, rowAt(further, size, j));
        return moved;
      });
      const { margins } = await victim.scores(further, asked);
      const fooled = asked.flatMap((_, j) => (margins[j] < 0 ? [j] : []));
      if (mayShorten && fooled.length > 0) {
        const found = fooled.map((j) => asked[j]);
        const ends = pick(further, size, fooled);
        const worth = pick(normals, size, fooled).map(
          (slope, i) => slope * (ends[i] - x[found[Math.floor(i / size)] * size + (i % size)]),
        );
        await shorten(victim, ends, found, worth);
      }
      rows = asked.filter((_, j) => margins[j] >= 0 && margins[j] < Number.POSITIVE_INFINITY && hasMoved[j]);
    }
  },
});

/**
 * The paper's LinearSolver, in place: moves the elements of a point along the normal, the steepest first, until they have gone `way`
 * in sum or no element has room. @returns whether any moved.
 */
function solve(
  { lower, upper, size }: Victim,
  row: number,
  point: Float32Array,
  normal: Float32Array,
  way: number,
): boolean {
  const from = row * size;
  const room = (i: number): number => (normal[i] > 0 ? upper[from + i] - point[i] : point[i] - lower[from + i]);
  const open: number[] = [];
  for (let i = 0; i < size; i++) if (normal[i] !== 0 && room(i) > 0) open.push(i);
  open.sort((a, b) => Math.abs(normal[b]) - Math.abs(normal[a]));
  let missing = way;
  for (const i of open) {
    if (missing <= 0) break;
    const slope = Math.abs(normal[i]);
    const move = Math.min(room(i), missing / slope);
    missing -= move * slope;
    point[i] += Math.sign(normal[i]) * move;
  }
  return open.length > 0;
}

/** Writes the point with its change from the clean example lengthened within the box. */
function lengthen(
  { x, lower, upper, size }: Victim,
  row: number,
  point: Float32Array,
  factor: number,
  into: Float32Array,
): void {
  for (let i = 0; i < size; i++) {
    const at = row * size + i;
    const further = x[at] + factor * (point[i] - x[at]);
    into[i] = point[i] === x[at] ? x[at] : Math.min(upper[at], Math.max(lower[at], further));
  }
}
