/** Where a training is, kept between judgements. */
import { AlternatingCheckpoints, type StateForm } from '../../run/alternating.js';
import type { Steps } from '../../run/run-directory.js';
import type { CurvePoint, Kept, TrainProgress } from '../../train/train.js';
import { stateFrom, tensorsOfState, under } from '../making/fit-state.js';

interface Facts {
  readonly step: number;
  readonly waited: number;
  readonly curve: readonly CurvePoint[];
  readonly best: Omit<Kept, 'weights'>;
}

export const trainingState: StateForm<TrainProgress> = {
  pack({ state, best, curve, waited }) {
    const { weights, ...judged } = best;
    const facts: Facts = { step: state.step, waited, curve, best: judged };
    const tensors = new Map(tensorsOfState(state));
    for (const [name, t] of weights) tensors.set(`best/${name}`, t);
    return { tensors, facts };
  },
  unpack({ tensors, facts }) {
    const { step, waited, curve, best } = facts as Facts;
    return {
      state: stateFrom(tensors, step),
      best: { ...best, weights: under(tensors, 'best/') },
      curve,
      waited,
    };
  },
  order: (facts) => (facts as Facts).step,
};

/** @param name of the step that the training ends in. */
export const trainCheckpoints = (run: Steps, name: string): AlternatingCheckpoints<TrainProgress> =>
  new AlternatingCheckpoints(run, name, trainingState);
