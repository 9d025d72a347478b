/** Trainings by every algorithm go on after a break as if there had been none. */
import { beforeAll, describe, expect, test } from 'vitest';
import { floatsOf } from '../../src/tensor/convert.js';
import { algorithms } from '../../src/train/algorithms/index.js';
import { type TrainProgress, train } from '../../src/train/train.js';
import { numbers, trainedBy, usual, validation } from './trained-by.js';

/** All that goes on from here. */
const plain = ({ state, best, curve, waited }: TrainProgress) => ({
  ...{ step: state.step, curve, waited },
  weights: numbers(state.weights),
  carried: numbers(state.carried),
  slots: [...state.slots].map(([name, slots]) => [name, slots.map((t) => [...floatsOf(t)])]),
  best: { ...best, weights: numbers(best.weights) },
});

describe.each(Object.entries(algorithms))('%s', (_, own) => {
  const algorithm = own as never;
  let run: Awaited<ReturnType<typeof trainedBy>>;
  beforeAll(async () => {
    run = await trainedBy({ algorithm, average: 0.6 }, { keeps: 'teacher' });
  });

  test('goes on after a break to the same bytes', async () => {
    const { problem, own, progress, trained } = run;
    const resumed: TrainProgress[] = [];
    const again = await train(problem, own.model, validation, {
      ...{ ...usual, keeps: 'teacher', from: progress[0]! },
      onProgress: (each) => void resumed.push(each),
    });
    expect(resumed.map(plain)).toEqual(progress.slice(1).map(plain));
    expect(plain({ ...progress[2]!, best: again.best })).toEqual(plain({ ...progress[2]!, best: trained.best }));
    expect([again.steps, again.stoppedEarly]).toEqual([6, false]);
  });

  test('keeps averages of the weights that it trains, and statistics', () => {
    const { problem, own, progress } = run;
    const { state, best } = progress[2]!;
    const names = own.form.weights.map(({ name }) => name);
    expect([...problem.averages.keys()].sort()).toEqual([...names].sort());
    expect([...state.carried!.keys()].sort()).toEqual(
      [...problem.averages.values(), ...[...own.form.statistics.keys()].map(({ name }) => name)].sort(),
    );
    const source = progress.find((each) => each.state.step === best.step)!.state;
    for (const name of names) {
      expect([...floatsOf(best.weights.get(name)!)]).toEqual([
        ...floatsOf(source.carried!.get(problem.averages.get(name)!)!),
      ]);
      expect([...floatsOf(best.weights.get(name)!)]).not.toEqual([...floatsOf(source.weights.get(name)!)]);
    }
    for (const { name } of own.form.statistics.keys()) expect(best.weights.get(name)).toBe(source.carried!.get(name));
  });
});
