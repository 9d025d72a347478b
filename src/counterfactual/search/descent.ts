/** descent: from instances along an objective and a penalty, by accelerated proximal gradient. */
import { apg } from '../../optim/apg.js';
import type { StepSize } from '../../optim/penalties/index.js';
import type { Objective } from '../../oracle/objectives.js';
import { rowAt } from '../../oracle/packed.js';
import type { Case } from '../case.js';
import { goalWeight, type Weighted } from './composite.js';
import { descendInLoops } from './descent-loop.js';
import type { Descent, Scene } from './descent-scene.js';
import { Passed } from './passed.js';
import { schedules } from './steps.js';

/** @returns where the descents end, packed as `open`. Each varies the change of its instance, within its box. */
export async function descend(
  asked: Case,
  objective: Objective,
  open: readonly number[],
  options: Descent,
  onStep?: (k: number) => void,
): Promise<Float32Array> {
  const { x } = asked;
  const { weights, scales, free } = options;
  asked.feed(
    goalWeight,
    Float32Array.from(asked.all, (row) => weights[row]! * scales[row]!),
    1,
  );
  const start = asked.starts(open);
  const isFree = (at: number): boolean => free === undefined || free[at] === 1;
  const [lower, upper] = [asked.lower, asked.upper].map((ends) =>
    ends.map((end, at) => (isFree(at) ? end - x[at]! : 0)),
  ) as [Float32Array, Float32Array];
  const changes = options.from ? options.from.map((value, at) => value - start[at]!) : new Float32Array(start.length);
  const scene: Scene = { asked, objective, open, start, lower, upper, changes };
  if (isLooped(asked, options)) await descendInLoops(scene, options, onStep);
  else await descendInSteps(scene, options, onStep);
  return changes.map((value, at) => value + start[at]!);
}

/** Where forward passes are limited they are counted one by one. */
function isLooped(
  { walks, limitsQueries, space }: Case,
  { loop, momentum, sparsity, keepTo, ...options }: Descent,
): boolean {
  if (loop === 'no' || keepTo || !walks || limitsQueries || momentum === 'monotone' || options['line-search'])
    return false;
  if (sparsity.penalty && !(sparsity.penalty.emitProx && sparsity.isEmitted !== false)) return false;
  return loop === 'yes' || space.kind === 'features';
}

async function descendInSteps(
  { asked, objective, open, start, lower, upper, changes }: Scene,
  options: Descent,
  onStep?: (k: number) => void,
): Promise<void> {
  const { size } = asked;
  const { sparsity, metric, beta } = options;
  const boxes = open.map((row) => ({ lower: rowAt(lower, size, row), upper: rowAt(upper, size, row) }));
  const { penalty } = sparsity;
  const stepsFor = stepsOf(options);
  const clamp = (z: Float32Array, { lower: low, upper: high }: (typeof boxes)[number], out: Float32Array): void => {
    for (let i = 0; i < size; i++) out[i] = Math.min(Math.max(z[i]!, low[i]!), high[i]!);
  };
  const priceOf = (change: Float32Array): number => (beta > 0 ? beta * sparsity.value(change) : 0);
  const passed = new Passed();
  await apg(
    {
      async slopes(points, rows) {
        const moved = new Float32Array(points.length);
        rows.forEach((row, j) => {
          for (let i = 0; i < size; i++) moved[j * size + i] = start[row * size + i]! + points[j * size + i]!;
        });
        const judged = await asked.slopes(
          objective,
          moved,
          rows.map((j) => open[j]!),
        );
        if (!asked.features.isPlain)
          rows.forEach((j, i) => {
            const cost = judged.values[i]! + priceOf(rowAt(points, size, i));
            passed.see(open[j]!, rowAt(moved, size, i), judged.margins[i]!, cost);
          });
        return judged;
      },
    },
    {
      value: priceOf,
      prox(z, step, j, out) {
        if (penalty) penalty.prox(z, stepsFor(step), boxes[j]!, out);
        else clamp(z, boxes[j]!, out);
        options.keepTo?.(out, rowAt(start, size, j), boxes[j]!);
      },
    },
    changes,
    size,
    {
      steps: options.steps,
      stepSize: (k) => schedules[options.schedule](options.step, k, options.steps),
      momentum: options.momentum,
      metric,
      ...(options['line-search'] && { lineSearch: 2 }),
      ...(onStep && { onStep }),
    },
  );
  await passed.propose(asked);
}

/** What a proximal step is for each size of step: the same array all through a step of the descent, which rarely sees another. */
function stepsOf({ beta, metric, sparsity: { prices } }: Descent): (step: number) => StepSize {
  const price = metric.map((each, i) => each * (prices === 1 ? 1 : prices[i]!));
  if (price.every((each) => each === 1)) return (step) => beta * step;
  const steps = new Float32Array(price.length);
  let last = Number.NaN;
  return (step) => {
    if (step !== last) for (let i = 0; i < steps.length; i++) steps[i] = price[i]! * beta * step;
    last = step;
    return steps;
  };
}

/** Shorter steps where the terms bend much: with the same for all elements the stiffest would set the pace, or fly off. */
export const metricOf = (terms: readonly Weighted[], size: number, step: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => {
    const bend = terms.reduce((sum, { term, weight }) => sum + weight * (term.curvature?.[i] ?? 0), 0);
    return 1 / (1 + step * bend);
  });
