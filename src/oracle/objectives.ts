/** Objectives: what an attack descends on, emitted into the model's graph: one number an example, the lower the nearer to the goal. */
import { crossEntropies, marginsOf } from '../autodiff/losses.js';
import { unsupported } from '../errors.js';
import type { Value } from '../ir/types.js';
import type { Builder } from '../ops/builder.js';
import { int64 } from '../tensor/tensor.js';

/** What an objective may read. */
export interface Scene {
  /** Float32 [batch, classes]. */
  readonly logits: Value;
  readonly classes: number;
  /** int64 [batch]: the label to reach when targeted, else the one to leave. */
  readonly goal: Value;
  /** int64 [batch]: the true label. */
  readonly label: Value;
  readonly targeted: boolean;
}

/** What a part that knows the point alone may read. */
export interface PointScene {
  /** Float32 [batch, channels, height, width], in the method's range. */
  readonly example: Value;
  /** Values of that kind in an example. */
  readonly size: number;
}

/** Numbers that each row has its own of: float32 [batch, width], fed by name from `Context.others`. */
export type RowInput = (name: string, width: number) => Value;

export interface Objective {
  /** Programs are kept by it. */
  readonly name: string;
  /** Fewest classes it is defined for; default 2. */
  readonly classes?: (targeted: boolean) => number;
  /** Float32 [batch]. */
  emit(g: Builder, scene: Scene, row: RowInput): Value;
  /** What is added for the point alone, whatever the model says of it. Float32 [batch]. */
  readonly onPoint?: (g: Builder, scene: PointScene, row: RowInput) => Value;
}

/**
 * Carlini, Wagner, Towards evaluating the robustness of neural networks (arXiv 1608.04644), f_6: how far the goal is from reached,
 * 0 once it is by `confidence`, where its gradient vanishes.
 */
export const carliniWagner = (confidence = 0): Objective => ({
  name: `carlini-wagner ${confidence}`,
  emit: (g, scene) => g.op('Relu', [g.add(gapOf(g, scene), g.scalar(confidence))]),
});

/** The same without an end: it goes on falling once the goal is reached. */
export const gap: Objective = { name: 'gap', emit: (g, scene) => gapOf(g, scene) };

/** Cross-entropy of the target; its negative of the label that is to be left. */
export const crossEntropy: Objective = {
  name: 'cross-entropy',
  emit(g, { logits, goal, targeted }) {
    const entropies = crossEntropies(g, logits, goal);
    return targeted ? entropies : g.op('Neg', [entropies]);
  },
};

/**
 * Croce, Hein, Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks (arXiv 2003.01690),
 * the difference of logits ratio: blind to the scale of the logits. Targeted, with z sorted downwards: (z_y - z_t) / (z_1 - (z_3 + z_4) / 2).
 */
export const differenceOfLogitsRatio: Objective = {
  name: 'difference of logits ratio',
  classes: (targeted) => (targeted ? 4 : 3),
  emit(g, { logits, label, goal, targeted, ...scene }) {
    const count = targeted ? 4 : 3;
    const sorted = g.ops('TopK', [logits, g.constant(int64([1], [count]))], 2, { axis: 1 })[0]!;
    const rank = (i: number) => g.squeeze(g.slice(sorted, [i], [i + 1], [1]), [1]);
    const whole = { ...scene, logits, label, goal, targeted };
    const above = targeted ? g.sub(scoreOf(g, logits, label), scoreOf(g, logits, goal)) : gapOf(g, whole);
    const third = targeted ? g.mul(g.add(rank(2), rank(3)), g.scalar(0.5)) : rank(2);
    return g.op('Div', [above, g.add(g.sub(rank(0), third), g.scalar(1e-12))]);
  },
};

/** @throws UserError (exit 3) when the model has too few classes for an objective, or an attack that has one. */
export function checkClasses(
  { name, classes }: Pick<Objective, 'name' | 'classes'>,
  found: number,
  targeted: boolean,
): void {
  const least = classes?.(targeted) ?? 2;
  if (found >= least) return;
  throw unsupported(
    'model',
    `expected a model of at least ${least} classes for ${name}, got ${found}; take another attack or loss`,
  );
}

/** Above 0 while the goal is not reached: the best other score less the target's, or the label's less the best other. */
function gapOf(g: Builder, { logits, goal, targeted }: Scene): Value {
  const margins = marginsOf(g, logits, { dtype: 'float32' }, goal);
  return targeted ? g.op('Neg', [margins]) : margins;
}

const scoreOf = (g: Builder, logits: Value, label: Value): Value =>
  g.squeeze(g.op('GatherElements', [logits, g.unsqueeze(label, [1])], { axis: 1 }), [1]);
