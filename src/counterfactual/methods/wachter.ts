/** wachter: descent on how far the goal is and on the distance, whose weight is searched. */
import { crossEntropies } from '../../autodiff/losses.js';
import { adam } from '../../optim/adam.js';
import type { Objective } from '../../oracle/objectives.js';
import { pick } from '../../oracle/packed.js';
import type { Case } from '../case.js';
import { explainer } from '../explainer.js';
import type { Aim } from '../ground/aim.js';

/** As CARLA and as alibi set it. */
const forms = {
  carla: { lambda: 0.01, rate: 0.01, steps: 1000, rounds: 10 },
  alibi: { lambda: 0.1, rate: 0.1, steps: 1000, rounds: 10 },
} as const;

/**
 * Wachter, Mittelstadt, Russell, Counterfactual explanations without opening the black box (arXiv 1711.00399): `lambda` times the l1
 * distance is added to the loss of the goal. `carla`: cross-entropy of the class, by Adam (amsgrad) until it flips; an instance that does
 * not is begun again with a tenth of lambda (its published code takes 0.05 off 0.01, and then pays for distance). `alibi`: the squared
 * distance of the class's probability to 1, lambda searched by bisection, the nearest flip is kept. For ranges both take the hinge.
 */
export const wachter = explainer({
  name: 'wachter',
  paper: 'Wachter, Mittelstadt, Russell, Counterfactual explanations without opening the black box (arXiv 1711.00399)',
  asks: 'gradients',
  options: {
    form: { default: 'carla', about: 'whose form of the loss and the search', choices: ['carla', 'alibi'] },
    lambda: { default: forms.carla.lambda, about: 'weight of the distance that is tried first', from: 0 },
    rate: { default: forms.carla.rate, about: 'of Adam', from: 1e-6 },
    steps: { default: forms.carla.steps, about: 'of a descent', from: 1, whole: true },
    rounds: { default: forms.carla.rounds, about: 'weights of the distance', from: 1, whole: true },
  },
  defaults: (_, { form = 'carla' }) => forms[form],
  async run(asked, { form, lambda, rate, steps, rounds }) {
    const objective = lossOf(asked.aim, asked.isRange, form);
    const weights = new Float64Array(asked.count).fill(lambda);
    const [low, high] = [new Float64Array(asked.count), new Float64Array(asked.count).fill(Number.POSITIVE_INFINITY)];
    let open = asked.all;
    for (let round = 0; round < rounds && open.length > 0; round++) {
      const tell = (k: number): void => {
        asked.progress = (round + k / steps) / rounds;
      };
      const ends = await descend(asked, objective, open, { weights, rate, steps, stops: form === 'carla', tell });
      const { margins } = await asked.propose(ends, open);
      open.forEach((row, j) => {
        if (form === 'carla') weights[row]! /= 10;
        else if (margins[j]! < 0) low[row] = weights[row]!;
        else high[row] = weights[row]!;
        if (form === 'alibi')
          weights[row] = Number.isFinite(high[row]!) ? (low[row]! + high[row]!) / 2 : weights[row]! * 10;
      });
      if (form === 'carla') open = asked.missing(open);
    }
    asked.progress = 1;
  },
});

/** How far the goal is: for a class by one of the two forms, for a range the hinge. */
export const lossOf = (aim: Aim, isRange: boolean, form: 'carla' | 'alibi'): Objective => ({
  name: `wachter ${isRange ? aim.name : form}`,
  classes: () => 1,
  emit(g, scene) {
    if (isRange) return g.op('Relu', [aim.emit(g, scene)]);
    const entropies = crossEntropies(g, scene.logits, scene.goal);
    if (form === 'carla') return entropies;
    const missing = g.sub(g.scalar(1), g.op('Exp', [g.op('Neg', [entropies])]));
    return g.mul(missing, missing);
  },
});

interface Descent {
  readonly weights: Float64Array;
  readonly rate: number;
  readonly steps: number;
  /** Whether an instance is done with the first allowed point that reaches its goal. */
  readonly stops: boolean;
  readonly tell: (k: number) => void;
}

/** @returns where it ends, packed as `rows`. */
async function descend(
  asked: Case,
  objective: Objective,
  rows: readonly number[],
  { weights, rate, steps, stops, tell }: Descent,
): Promise<Float32Array> {
  const { size, x, lower, upper } = asked;
  const points = x.slice();
  const move = adam(asked.count, size, { rate, isMonotone: true });
  let open = rows;
  for (let k = 0; k < steps && open.length > 0; k++) {
    const { gradients, margins } = await asked.slopes(objective, pick(points, size, open), open);
    const moving = open.map((row, j) => ({ row, j })).filter(({ j }) => !(stops && margins[j]! < 0));
    const slopes = pick(
      gradients,
      size,
      moving.map(({ j }) => j),
    );
    open = moving.map(({ row }) => row);
    open.forEach((row, j) => {
      for (let i = 0; i < size; i++)
        slopes[j * size + i]! += weights[row]! * Math.sign(points[row * size + i]! - x[row * size + i]!);
    });
    move(points, slopes, open);
    for (const row of open)
      for (let at = row * size; at < (row + 1) * size; at++)
        points[at] = Math.min(Math.max(points[at]!, lower[at]!), upper[at]!);
    tell(k + 1);
  }
  return pick(points, size, rows);
}
