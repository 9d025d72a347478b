/** What goes from step to step beside the weights, and what is told of steps. */
import { describe, expect, test } from 'vitest';
import type { Average, FitProblem } from '../../src/fit/index.js';
import { type FitState, Stepper, type StepperOptions } from '../../src/fit/stepper.js';
import type { Value } from '../../src/ir/types.js';
import { builderFor } from '../../src/ops/builder.js';
import { adamw, sgd } from '../../src/optim/index.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { float32 } from '../../src/tensor/tensor.js';
import { typed } from '../helpers/graphs.js';
import { inputs, regression, slope } from './problems.js';

const steps = 7;
const rate = 0.05;
const decayAt = (step: number): number => 1 - 1 / (step + 2);
const start = [0.1, 0.2, 0.3].map(Math.fround);
const averageStart = [1, -1, 2];

/** The regression, an average of its weight, the sums of the inputs remembered by halves, and two numbers that are told. */
function carrying(): { problem: FitProblem; weight: Value; data: Float32Array[][] } {
  const { problem, weight, data } = regression(steps);
  const [x, target] = problem.graph.inputs as [Value, Value];
  const [average, remembered, decay] = [
    typed('average', [inputs, 1]),
    typed('remembered', [inputs]),
    typed('decay', []),
  ];
  const g = builderFor(problem.graph, 'carried');
  const half = g.mul(g.add(remembered, g.reduceSum(x, [0])), g.scalar(0.5));
  const told = [x, target].map((value) => g.op('ReduceSum', [value], { keepdims: 0 }));
  const whole = g.appendTo(problem.graph);
  // what is told and what is carried says its type
  const ends = new Map([
    [half, typed('halved', [inputs])],
    ...told.map((value, i): [Value, Value] => [value, typed(`told${i}`, [])]),
  ]);
  const graph = {
    ...whole,
    inputs: [...whole.inputs, decay],
    nodes: whole.nodes.map((node) => ({
      ...node,
      outputs: node.outputs.map((value) => ends.get(value as Value) ?? value),
    })),
    initializers: new Map([
      ...whole.initializers,
      [average, float32([inputs, 1], Float32Array.from(averageStart))],
      [remembered, float32([inputs], new Float32Array(inputs))],
    ]),
  };
  const { batches } = problem;
  const at = (i: number) => new Map([...batches.at(i), ['decay', float32([], Float32Array.of(decayAt(i)))]]);
  const averages = new Map<Value, Average>([[average, { of: weight, decay }]]);
  return {
    weight,
    data,
    problem: {
      ...problem,
      graph,
      batches: { ...batches, at },
      carried: { becomes: new Map([[remembered, ends.get(half)!]]), averages },
      watched: told.map((value) => ends.get(value)!),
    },
  };
}

const options = { optimiser: sgd({ momentum: 0 }), rate, threads: 1 } satisfies StepperOptions & { threads: number };

/** All steps, at most so many a call. */
async function run(problem: FitProblem, most: number, changes: Partial<StepperOptions> = {}) {
  const stepper = await Stepper.open(problem, { ...options, ...changes });
  let state: FitState = stepper.start();
  const told: (readonly (readonly number[])[])[] = [];
  const losses: number[] = [];
  try {
    while (state.step < steps) {
      const { step } = state;
      const order = Uint32Array.from({ length: Math.min(most, steps - step) }, (_, i) => step + i);
      const next = await stepper.run(state, order, steps);
      told.push(next.watched);
      losses.push(...next.losses);
      state = next.state;
    }
  } finally {
    await stepper.release();
  }
  const watched = told[0]!.map((_, i) => told.flatMap((each) => each[i]!));
  return { state, watched, losses, calls: told.length };
}

const numbersOf = (state: FitState) =>
  Object.fromEntries([...state.weights, ...state.carried!].map(([name, t]) => [name, [...floatsOf(t)]]));

const sum = (values: Iterable<number>): number => [...values].reduce((all, each) => all + each, 0);

describe('what steps carry', () => {
  test('is what the formulas say, and what is told is told of each step', async () => {
    const { problem, data } = carrying();
    let [w, average, remembered] = [[...start], [...averageStart], [0, 0, 0]];
    for (let step = 0; step < steps; step++) {
      const batch = data[step]!;
      w = w.map((each, i) => each - rate * slope([batch], w)[i]!);
      average = average.map((each, i) => decayAt(step) * each + (1 - decayAt(step)) * w[i]!);
      remembered = remembered.map((each, i) => (each + sum(batch[0]!.filter((_, at) => at % inputs === i))) / 2);
    }
    const { state, watched, losses } = await run(problem, steps);
    expect(losses).toHaveLength(steps);
    const found = numbersOf(state);
    for (const [name, expected] of Object.entries({ weight: w, average, remembered }))
      expected.forEach((value, i) => {
        expect(found[name]![i]).toBeCloseTo(value, 5);
      });
    for (const i of [0, 1])
      data.forEach((batch, step) => {
        expect(watched[i]![step]).toBeCloseTo(sum(batch[i]!), 4);
      });
  });

  test('is the same however many steps a call takes', async () => {
    const { problem } = carrying();
    const single = await run(problem, 1);
    const several = await run(problem, steps);
    expect(single.calls).toBe(steps);
    expect(several.calls).toBeLessThan(steps);
    expect(numbersOf(several.state)).toEqual(numbersOf(single.state));
    expect([several.losses, several.watched]).toEqual([single.losses, single.watched]);
  });

  test.each([sgd({ weightDecay: 0.1 }), adamw()])(
    'an average is zero to the bit where its weight is masked: $name',
    async (optimiser) => {
      const { problem, weight } = carrying();
      const masks = new Map([[weight, float32([inputs, 1], Float32Array.of(1, 0, 1))]]);
      const { state } = await run({ ...problem, masks }, steps, { optimiser });
      const { weight: own, average } = numbersOf(state);
      for (const [a, b, c] of [own!, average!]) {
        expect(Object.is(b, 0)).toBe(true);
        expect(a! * c!).not.toBe(0);
      }
    },
  );

  test.each(['carried', 'watched'] as const)('is refused over several batches a step: %s', async (what) => {
    const { carried, watched, ...problem } = carrying().problem;
    const wrong = { ...problem, ...(what === 'carried' ? { carried: carried! } : { watched: watched! }) };
    await expect(Stepper.open(wrong, { ...options, accumulate: 2 })).rejects.toThrow(
      /^fit: expected one batch a step where more than weights is carried; do not accumulate$/,
    );
  });
});
