/** The first step of each algorithm as it is trained with, against the same step taken apart. */
import { describe, expect, test } from 'vitest';
import { Stepper } from '../../../src/fit/stepper.js';
import { sgd } from '../../../src/optim/index.js';
import { floatsOf } from '../../../src/tensor/convert.js';
import type { Tensor } from '../../../src/tensor/tensor.js';
import { algorithms } from '../../../src/train/algorithms/index.js';
import { views } from '../../../src/train/views/index.js';
import { problemOf, small, waves } from '../small.js';
import { observed } from './observed.js';

const shape = { channels: 1, length: 16, classes: 2, width: 4 };
const data = { labelled: waves(8, shape, 70), unlabelled: waves(24, shape, 71) };
const allViews = { augmented: views['rand-augment'], weak: views.weak, strong: views.strong };

const numbers = (tensors: Iterable<readonly [string, Tensor]>): Record<string, number[]> =>
  Object.fromEntries([...tensors].map(([name, t]) => [name, [...floatsOf(t)]]));

describe.each(Object.entries(algorithms))('%s', (_, algorithm) => {
  test('steps once as it says, and leaves what it starts from as it was', async () => {
    const own = small({ algorithm: algorithm as never, shape, data, views: allViews });
    const problem = await problemOf(own);
    const seen = await observed(own, {
      step: 0,
      extra: (scope) => Object.fromEntries([...scope.statistics].map(([{ name }, after]) => [name, after])),
    });
    const given = () => numbers([...own.model.initializers].map(([{ name }, t]) => [name, t] as const));
    const before = given();
    const stepper = await Stepper.open(problem, { optimiser: sgd(), rate: 0.1, threads: 1 });
    const start = stepper.start();
    const carried = numbers(start.carried!);
    const { state, losses, watched } = await stepper.run(start, Uint32Array.of(0), own.steps);
    await stepper.release();

    expect(losses[0]).toBeCloseTo(
      Object.values(seen.terms).reduce((sum, term) => sum + term, 0),
      5,
    );
    for (const [i, name] of problem.told.entries()) {
      const expected = seen.terms[name] ?? seen.told[name]!;
      if (Number.isNaN(expected)) expect(watched[i]![0]).toBeNaN();
      else expect(watched[i]![0]).toBeCloseTo(expected, 5);
    }
    // running statistics have followed one pass, once
    expect(Object.keys(seen.extra)).toHaveLength(6);
    for (const [name, [expected]] of Object.entries(seen.extra)) {
      const found = floatsOf(state.carried!.get(name)!);
      expect(Math.max(...expected!.map((value, i) => Math.abs(value - found[i]!)))).toBeLessThan(1e-6);
      expect([...found]).not.toEqual(carried[name]);
    }
    expect(numbers(start.carried!)).toEqual(carried);
    expect(given()).toEqual(before);
  });
});
