/** Where a descent is, kept between epochs. */
import type { FitProgress } from '../../fit/index.js';
import { AlternatingCheckpoints, type StateForm } from '../../run/alternating.js';
import type { Steps } from '../../run/run-directory.js';
import { dataOf, type Tensor, tensor } from '../../tensor/tensor.js';
import { stateFrom, tensorsOfState, under } from '../making/fit-state.js';

interface Facts {
  readonly epoch: number;
  readonly step: number;
  readonly best: { readonly epoch: number; readonly loss: number };
}

const form: StateForm<FitProgress> = {
  pack({ epoch, state, best, losses, judged }) {
    const facts: Facts = { epoch, step: state.step, best: { epoch: best.epoch, loss: best.loss } };
    const tensors = new Map([['losses', numbers(losses)], ['judged', numbers(judged)], ...tensorsOfState(state)]);
    for (const [name, t] of best.weights) tensors.set(`best/${name}`, t);
    return { tensors, facts };
  },
  unpack({ tensors, facts }) {
    const { epoch, step, best } = facts as Facts;
    return {
      epoch,
      state: stateFrom(tensors, step),
      best: { ...best, weights: under(tensors, 'best/') },
      losses: Array.from(dataOf(tensors.get('losses')!), Number),
      judged: Array.from(dataOf(tensors.get('judged')!), Number),
    };
  },
  order: (facts) => (facts as Facts).epoch,
};

/** @param name of the step that the descent ends in. */
export const fitCheckpoints = (run: Steps, name: string): AlternatingCheckpoints<FitProgress> =>
  new AlternatingCheckpoints(run, name, form);

/** JSON would lose losses that are not numbers. */
const numbers = (values: readonly number[]): Tensor => tensor('float64', [values.length], Float64Array.from(values));
