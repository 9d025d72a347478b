/** Training of a fully convolutional network in float64, step by step: what the training of graphs is held against. */
import { clipped, moverOf, type Optimiser } from './descend.js';
import { type Batch, slopesOf, type Weights } from './fcn.js';
import type { Floats } from './layers.js';

export interface TrainFcnOptions {
  /** With the running statistics. */
  readonly weights: Weights;
  /** One a step, from the first again after the last. */
  readonly batches: readonly Batch[];
  readonly steps: number;
  readonly optimiser: Optimiser;
  /** The highest learning rate. */
  readonly rate: number;
  /** The share of the rate at each step, from 0 on; default: 1. */
  readonly schedule?: (step: number, steps: number) => number;
  /** The largest joint norm of the gradients; default: any. */
  readonly clip?: number;
  /** Names of weights that stay as they are; they count for nothing in the norm that is clipped. Default: none. */
  readonly frozen?: ReadonlySet<string>;
  /** The share of running statistics that a step keeps; default 0.9. */
  readonly momentum?: number;
  /** Added to variances; default 1e-5. */
  readonly epsilon?: number;
}

export interface TrainedFcn {
  /** All of them by name, with the running statistics. */
  readonly weights: Weights;
  /** Of each step, before it. */
  readonly losses: readonly number[];
}

/** A step takes the gradients at the weights, moves the weights, and blends the moments of its batch into the running ones. */
export function trainFcn(options: TrainFcnOptions): TrainedFcn {
  const { batches, steps, optimiser, rate, schedule = () => 1, frozen, momentum = 0.9, epsilon = 1e-5 } = options;
  const move = moverOf(optimiser);
  const weights = new Map(options.weights);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const { loss, gradients, statistics } = slopesOf(weights, batches[step % batches.length]!, epsilon);
    losses.push(loss);
    const free = new Map([...gradients].filter(([name]) => !frozen?.has(name)));
    const own = options.clip === undefined ? free : clipped(free, options.clip);
    for (const [name, gradient] of own)
      weights.set(name, move(name, weights.get(name)!, gradient, rate * schedule(step, steps), step + 1));
    for (const [norm, { mean, variance }] of statistics) {
      weights.set(`${norm}.running_mean`, blended(weights.get(`${norm}.running_mean`)!, mean, momentum));
      weights.set(`${norm}.running_var`, blended(weights.get(`${norm}.running_var`)!, variance, momentum));
    }
  }
  return { weights, losses };
}

const blended = ({ shape, values }: Floats, batch: Float64Array, momentum: number): Floats => ({
  shape,
  values: values.map((running, i) => momentum * running + (1 - momentum) * batch[i]!),
});
