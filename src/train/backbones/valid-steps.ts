/** The steps of a series that have values: what layers that look at several steps must leave out. */
import type { Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';

/** Without a mask all steps count, and values pass as they are. */
export interface ValidSteps {
  /** x [batch, channels, steps] with zeros behind the end of each series, as a convolution has them behind a series cut there. */
  zeroed(x: Value): Value;
  /** The highest of each step and its two neighbours that have values. */
  maxima(x: Value): Value;
  /** The mean over the steps of each series: [batch, channels]. @param axis of the steps in x, 1 or 2. */
  mean(x: Value, axis: 1 | 2): Value;
  /** Added to scores of attention [batch, heads, steps, steps], it leaves no weight to steps behind the end. */
  attended(scores: Value): Value;
  /** Those of every so many steps, from the first on. */
  strided(stride: number): ValidSteps;
}

/** @param mask float32 [batch, steps], 1 where there are values and 0 behind them. */
export const validSteps = (g: Builder, mask: Value | undefined): ValidSteps => (mask ? masked(g, mask) : all(g));

function all(g: Builder): ValidSteps {
  const steps: ValidSteps = {
    zeroed: (x) => x,
    maxima: (x) => maxPool(g, x),
    mean: (x, axis) =>
      axis === 2 ? g.op('Flatten', [g.op('GlobalAveragePool', [x])], { axis: 1 }) : g.reduce('ReduceMean', x, [axis]),
    attended: (scores) => scores,
    strided: () => steps,
  };
  return steps;
}

const maxPool = (g: Builder, x: Value): Value =>
  g.op('MaxPool', [x], { kernel_shape: [3], pads: [1, 1], strides: [1] });

/** Far below any activation, and far from overflow. */
const low = 1e9;

function masked(g: Builder, mask: Value): ValidSteps {
  const perStep = once(() => g.unsqueeze(mask, [1]));
  const below = once(() => g.mul(g.sub(perStep(), g.scalar(1)), g.scalar(low)));
  // a row without any value, as batches are filled up with, has the mean 0
  const shares = once(() => g.op('Div', [mask, g.op('Max', [g.reduceSum(mask, [1], true), g.scalar(1)])]));
  return {
    zeroed: (x) => g.mul(x, perStep()),
    // zeros again behind the end: batch statistics are taken of all steps
    maxima: (x) => g.mul(maxPool(g, g.add(x, below())), perStep()),
    mean: (x, axis) => g.reduceSum(g.mul(x, g.unsqueeze(shares(), [axis === 2 ? 1 : 2])), [axis]),
    attended: (scores) => g.add(scores, g.unsqueeze(below(), [1])),
    strided: (stride) => (stride === 1 ? masked(g, mask) : masked(g, everyOf(g, mask, stride))),
  };
}

const everyOf = (g: Builder, mask: Value, stride: number): Value =>
  g.op('Slice', [mask, g.ints([0]), g.ints([Number.MAX_SAFE_INTEGER]), g.ints([1]), g.ints([stride])]);

/** Emitted where it is first asked for. */
function once(emit: () => Value): () => Value {
  let made: Value | undefined;
  return () => (made ??= emit());
}
