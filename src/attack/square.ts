/** square-linf and square-l2: a random search that changes one square at a time and keeps what helps. */

import { rowAt } from '../oracle/packed.js';
import { attack } from './attack.js';
import { diceOf } from './dice.js';
import { type LossName, losses, lossNames } from './losses.js';
import type { Proposals, Scene } from './proposals.js';
import { type Course, sideBySide } from './side-by-side.js';
import { squaresL2 } from './squares-l2.js';
import { squaresLinf } from './squares-linf.js';
import { stageOf } from './stages.js';
import type { Victim } from './victim.js';

/**
 * Andriushchenko, Croce, Flammarion, Hein, Square Attack: a query-efficient black-box adversarial attack via random search (arXiv
 * 1912.00049). Every example asked about lies at the rim of the ball. A query changes a square at a random place, the smaller the
 * later, and is kept if the loss falls: the margin, or, targeted, the cross-entropy. An example is done at its first success. Squares
 * of series and features are segments.
 */
const square = <Norm extends 'linf' | 'l2'>(
  norm: Norm,
  usual: Usual,
  large: Usual,
  proposals: (scene: Scene) => Proposals,
) =>
  attack({
    name: `square-${norm}`,
    family: norm,
    needs: 'scores',
    paper:
      'Andriushchenko, Croce, Flammarion, Hein, Square Attack: a query-efficient black-box adversarial attack via random search (arXiv 1912.00049)',
    range: [0, 1],
    measure: norm,
    budget: 'eps',
    options: {
      eps: { default: usual.eps, about: 'radius of the ball, every element being in [0, 1]', from: 0 },
      queries: { default: 10000, about: 'queries of one search', from: 1, whole: true },
      restarts: { default: 1, about: 'searches, each from another start', from: 1, whole: true },
      share: { default: usual.share, about: 'share of the positions that the first squares take', from: 0, to: 1 },
      loss: { default: 'carlini-wagner', about: 'what is to fall', choices: lossNames },
    },
    // small images by the paper's CIFAR-10, larger ones by its ImageNet
    defaults: ({ positions }, targeted) => {
      const isLarge = positions > 64 * 64;
      return {
        ...(isLarge && { eps: large.eps, share: targeted ? large.share / 5 : large.share }),
        ...(targeted && { loss: 'cross-entropy', queries: isLarge ? 100000 : 10000 }),
      };
    },
    async run(victim, { eps, restarts, ...settings }) {
      for (let restart = 0; restart < restarts; restart++) {
        await sideBySide(victim, (row) => {
          const dice = diceOf(victim.random(row, `restart ${restart}`));
          const [clean, lower, upper] = [victim.x, victim.lower, victim.upper].map((all) =>
            rowAt(all, victim.size, row),
          );
          const current = new Float32Array(clean);
          const scene = { space: victim.space, clean, lower, upper, current, dice, eps: victim.budget(row, eps) };
          return search(victim, row, scene, proposals(scene), settings);
        });
      }
    },
  });

interface Usual {
  readonly eps: number;
  readonly share: number;
}

export const squareLinf = square('linf', { eps: 8 / 255, share: 0.3 }, { eps: 0.05, share: 0.05 }, squaresLinf);
export const squareL2 = square('l2', { eps: 0.5, share: 0.1 }, { eps: 5, share: 0.1 }, squaresL2);

interface Settings {
  readonly queries: number;
  readonly share: number;
  readonly loss: LossName;
}

/** Squares that change nothing are drawn again so often. */
const draws = 16;

function* search(
  victim: Victim,
  row: number,
  { current }: Scene,
  { start, propose }: Proposals,
  { queries, share, loss }: Settings,
): Course<void> {
  if (victim.found(row)) return;
  const asked = new Float32Array(current);
  start(asked);
  let least = Number.POSITIVE_INFINITY;
  for (let query = 0; query < queries; query++) {
    if (query > 0) {
      const now = share / 2 ** stageOf(query, queries);
      for (let draw = 0; draw < draws && !propose(asked, now); draw++);
    }
    const judged = yield { points: asked };
    if (judged.margins[0] < 0) return;
    const value = losses[loss].of(judged, 0, victim, row);
    if (value < least) {
      least = value;
      current.set(asked);
    } else {
      asked.set(current);
    }
  }
}
