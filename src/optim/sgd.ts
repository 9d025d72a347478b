/** sgd: gradient descent with momentum. */
import type { Optimiser } from './optimiser.js';

export interface SgdOptions {
  /** In [0, 1); default 0.9. */
  readonly momentum?: number;
  /** Default false. */
  readonly nesterov?: boolean;
  /** Added to the gradient times the weight; default 0. */
  readonly weightDecay?: number;
}

/** Stochastic gradient descent with momentum: v = momentum v + d, w = w - rate v, as in PyTorch; d + momentum v for Nesterov. */
export function sgd({ momentum = 0.9, nesterov = false, weightDecay = 0 }: SgdOptions = {}): Optimiser {
  return {
    name: 'sgd',
    slots: momentum > 0 ? ['velocity'] : [],
    emit(g, { weight, gradient, slots: [before], rate }) {
      const d = weightDecay > 0 ? g.add(gradient, g.mul(weight, g.scalar(weightDecay))) : gradient;
      if (!before) return { weight: g.sub(weight, g.mul(d, rate)), slots: [] };
      const velocity = g.add(g.mul(before, g.scalar(momentum)), d);
      const move = nesterov ? g.add(d, g.mul(velocity, g.scalar(momentum))) : velocity;
      return { weight: g.sub(weight, g.mul(move, rate)), slots: [velocity] };
    },
  };
}
