/** Aim: how far scores are from a goal, on numbers at hand and as nodes that can be differentiated. */
import { marginsOf } from '../../autodiff/losses.js';
import type { Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
import { marginOf } from '../../oracle/margins.js';
import type { Scene } from '../../oracle/objectives.js';
import { int64 } from '../../tensor/tensor.js';
import { isRange, type Label, type Wish } from './goals.js';

export interface Aim {
  /** Programs are kept by it. */
  readonly name: string;
  /** Negative where the goal is reached. @param scores of one point. */
  margin(scores: Float32Array, label: Label): number;
  /** The same of each row, float32 [batch]; the label is the scene's goal. */
  emit(g: Builder, scene: Scene): Value;
}

export function aimOf(wish: Wish): Aim {
  const { goal, probability, margin = 0 } = wish;
  if (isRange(goal)) return rangeAim(goal.low + margin, goal.high - margin);
  return probability === undefined ? classAim(margin) : probabilityAim(probability, margin);
}

/** Above all other classes by `margin` logits. */
const classAim = (margin: number): Aim => ({
  name: `class ${margin}`,
  margin: (scores, goal) => marginOf(scores, { goal, targeted: true }) + margin,
  emit: (g, { logits, goal }) =>
    g.add(g.op('Neg', [marginsOf(g, logits, { dtype: 'float32' }, goal)]), g.scalar(margin)),
});

/** log of the odds that are missing: those of the class are exp(score) to the sum of exp over the others. */
function probabilityAim(probability: number, margin: number): Aim {
  const wanted = Math.log(probability / (1 - probability)) + margin;
  return {
    name: `probability ${probability} ${margin}`,
    margin(scores, goal) {
      const most = Math.max(...scores.map((score, c) => (c === goal ? Number.NEGATIVE_INFINITY : score)));
      let sum = 0;
      scores.forEach((score, c) => {
        if (c !== goal) sum += Math.exp(score - most);
      });
      return most + Math.log(sum) - scores[goal]! + wanted;
    },
    emit(g, { logits, goal, classes }) {
      const own = g.squeeze(g.op('GatherElements', [logits, g.unsqueeze(goal, [1])], { axis: 1 }), [1]);
      const isGoal = g.op('OneHot', [goal, g.constant(int64([1], [classes])), g.floats([0, -1e9], [2])], { axis: 1 });
      const others = g.op('ReduceLogSumExp', [g.add(logits, isGoal), g.ints([1])], { keepdims: 0 });
      return g.add(g.sub(others, own), g.scalar(wanted));
    },
  };
}

/** Inside of a range, ends excluded. */
const rangeAim = (low: number, high: number): Aim => ({
  name: `range ${low} ${high}`,
  margin: ([score]) => Math.max(low - score!, score! - high),
  emit(g, { logits }) {
    const score = g.squeeze(logits, [1]);
    const below = Number.isFinite(low) ? g.sub(g.scalar(low), score) : undefined;
    const above = Number.isFinite(high) ? g.sub(score, g.scalar(high)) : undefined;
    return below && above ? g.op('Max', [below, above]) : (below ?? above)!;
  },
});
