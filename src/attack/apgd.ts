/** apgd-ce and apgd-dlr: gradient descent in a ball whose step is halved when it stops to help. */

import { crossEntropy, differenceOfLogitsRatio, type Objective } from '../oracle/objectives.js';
import { rowAt } from '../oracle/packed.js';
import { checkpoints, StepSizes } from './apgd-steps.js';
import { attack } from './attack.js';
import { type BallNorm, ballNorms, geometries, pointsAt, reachOf } from './norm-balls.js';
import type { Victim } from './victim.js';

const paper =
  'Croce, Hein, Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks (arXiv 2003.01690)';

/**
 * Croce, Hein, Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks (arXiv 2003.01690),
 * Auto-PGD. A step of twice the radius, with momentum, is halved at checkpoints unless most steps since the last one have helped; the
 * descent then goes on from the best point so far. An example leaves at its first success, and starts again from another random point
 * without one. Projections are exact on ball and box together.
 */
const autoPgd = <Name extends string>(name: Name, objective: Objective) =>
  attack({
    name,
    family: 'linf',
    needs: 'gradients',
    ...(objective.classes && { classes: objective.classes }),
    paper,
    range: [0, 1],
    measure: ({ norm }) => norm,
    budget: 'eps',
    options: {
      norm: { default: 'linf', about: 'norm of the ball', choices: ballNorms },
      eps: { default: 8 / 255, about: 'radius of the ball; 0.5 for l2', from: 0 },
      steps: { default: 100, about: 'steps of one descent', from: 1, whole: true },
      restarts: { default: 5, about: 'descents, each from a random point', from: 1, whole: true },
    },
    defaults: (_space, _targeted, { norm }) => (norm === 'l2' ? { eps: 0.5 } : {}),
    async run(victim, options) {
      for (let restart = 0; restart < options.restarts; restart++) {
        const rows = victim.all.filter((row) => !victim.found(row));
        if (rows.length === 0) return;
        victim.progress = restart / options.restarts;
        await descend(victim, rows, objective, `start ${restart}`, options);
      }
    },
  });

export const apgdCe = autoPgd('apgd-ce', crossEntropy);
export const apgdDlr = autoPgd('apgd-dlr', differenceOfLogitsRatio);

/** Weight of the new direction against momentum. */
const alpha = 0.75;

interface Settings {
  readonly norm: BallNorm;
  readonly eps: number;
  readonly steps: number;
}

/** One descent of some examples from a random point each. */
async function descend(
  victim: Victim,
  rows: readonly number[],
  objective: Objective,
  stream: string,
  { norm, eps, steps }: Settings,
): Promise<void> {
  const { size, x } = victim;
  const { steepest, project, draw } = geometries[norm];
  const { low, high } = reachOf(victim);
  const radii = Float64Array.from(victim.all, (row) => victim.budget(row, eps));
  const within = (row: number, change: Float32Array): void =>
    project(change, radii[row], rowAt(low, size, row), rowAt(high, size, row));
  // changes: now, a step ago, where the objective was least; and the gradient there
  const changes = new Float32Array(x.length);
  const [before, best, slopeAtBest] = [changes.slice(), changes.slice(), changes.slice()];
  for (const row of rows) {
    draw(victim.random(row, stream), radii[row], rowAt(changes, size, row));
    within(row, rowAt(changes, size, row));
  }
  const sizes = new StepSizes(radii.map((radius) => 2 * radius));
  const looks = checkpoints(steps);
  const [direction, next] = [new Float32Array(size), new Float32Array(size)];
  let open = rows;
  for (let step = 0, checked = 0; step < steps; step++) {
    const asked = open;
    const { margins, values, gradients } = await victim.slopes(objective, pointsAt(victim, changes, asked), asked);
    const isCheckpoint = looks.includes(step);
    open = asked.filter((row, j) => {
      if (margins[j] < 0) return false;
      const [now, previous] = [rowAt(changes, size, row), rowAt(before, size, row)];
      let slope = rowAt(gradients, size, j);
      if (sizes.see(row, values[j])) {
        rowAt(best, size, row).set(now);
        rowAt(slopeAtBest, size, row).set(slope);
      }
      if (isCheckpoint && sizes.check(row, step - checked)) {
        previous.set(now);
        now.set(rowAt(best, size, row));
        slope = rowAt(slopeAtBest, size, row);
      }
      steepest(slope, direction);
      for (let i = 0; i < size; i++) next[i] = now[i] - sizes.of(row) * direction[i];
      within(row, next);
      if (step > 0) {
        for (let i = 0; i < size; i++)
          next[i] = now[i] + alpha * (next[i] - now[i]) + (1 - alpha) * (now[i] - previous[i]);
        within(row, next);
      }
      previous.set(now);
      now.set(next);
      return true;
    });
    if (isCheckpoint) checked = step;
    if (open.length === 0) return;
  }
  await victim.scores(pointsAt(victim, changes, open), open);
}
