/** adamw: Adam with decay apart from the gradient. */
import type { Optimiser } from './optimiser.js';

export interface AdamWOptions {
  /** Of the mean gradient, in [0, 1); default 0.9. */
  readonly beta1?: number;
  /** Of the mean squared gradient, in [0, 1); default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** The share of a weight that goes at each step, times the rate; default 0. */
  readonly weightDecay?: number;
}

/** Loshchilov, Hutter, Decoupled weight decay regularization (arXiv 1711.05101); Adam (arXiv 1412.6980) without decay. */
export function adamw(options: AdamWOptions = {}): Optimiser {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  return {
    name: 'adamw',
    slots: ['mean', 'square'],
    emit(g, { weight, gradient, slots: [m, v], rate, count }) {
      const mean = g.add(g.mul(m!, g.scalar(beta1)), g.mul(gradient, g.scalar(1 - beta1)));
      const square = g.add(g.mul(v!, g.scalar(beta2)), g.mul(g.mul(gradient, gradient), g.scalar(1 - beta2)));
      const corrected = (beta: number) => g.sub(g.scalar(1), g.op('Pow', [g.scalar(beta), count]));
      const size = g.op('Div', [rate, corrected(beta1)]);
      const root = g.op('Sqrt', [g.op('Div', [square, corrected(beta2)])]);
      const move = g.mul(g.op('Div', [mean, g.add(root, g.scalar(epsilon))]), size);
      const kept = weightDecay > 0 ? g.mul(weight, g.sub(g.scalar(1), g.mul(rate, g.scalar(weightDecay)))) : weight;
      return { weight: g.sub(kept, move), slots: [mean, square] };
    },
  };
}
