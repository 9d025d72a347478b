/** selfSupervised: the same features classify series and foretell how unlabelled ones go on. */
import { unsupported } from '../../errors.js';
import type { Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
import { choice, logUniform } from '../../settings/index.js';
import { random } from '../../tensor/random.js';
import { algorithm } from '../algorithm.js';
import { supervisedTerm } from '../parts/supervised-term.js';
import { mean } from '../parts/terms.js';
import type { Fed, Scope } from '../step/scope.js';
import { none } from '../views/index.js';

/**
 * Jawed, Grabocka, Schmidt-Thieme, Self-supervised learning for semi-supervised time series classification (PAKDD 2020): a second head
 * on the last features foretells the next `horizon` of an unlabelled series from the steps before, cut at random on a grid of
 * `stride` that ends where the series does. What comes after the cut is fed as zeros, so that both tasks share one network. Mean squared
 * error, in the unit of the series.
 */
export const selfSupervised = algorithm({
  name: 'self-supervised',
  description: 'forecasts of unlabelled series from the features that classify',
  paper:
    'Jawed, Grabocka, Schmidt-Thieme, Self-supervised learning for semi-supervised time series classification, PAKDD 2020',
  options: {
    horizon: {
      default: 0.2,
      about: 'share of the steps that is foretold',
      from: 0.01,
      to: 0.9,
      search: choice(0.1, 0.2, 0.3),
    },
    stride: {
      default: 0.3,
      about: 'share of the steps between the places where series are cut',
      from: 0.01,
      to: 1,
      search: choice(0.05, 0.1, 0.2, 0.3),
    },
    weight: { default: 1, about: 'of the forecast', from: 0 },
  },
  search: { rate: logUniform(1e-6, 1e-2) },
  folded: 'the same loss; whole and cut series need no common statistics',
  async loss(scope, { horizon, stride, weight }, { augmented }) {
    const { g, sizes } = scope;
    // the first pass, which running statistics follow: series that end in zeros are not what the network will meet
    const { logits } = await scope.student(scope.labelled(augmented));
    const ahead = Math.max(1, Math.min(sizes.length - 1, Math.round(horizon * sizes.length)));
    const { past, future, isThere } = cutApart(scope, ahead, Math.max(1, Math.round(stride * sizes.length)));
    const said = await scope.student(past);
    const foretold = await forecast(scope, said.features, past.size, sizes.channels * ahead);
    const miss = g.sub(g.reshape(foretold, [past.size, sizes.channels, ahead]), future);
    return {
      supervised: supervisedTerm(scope, logits, scope.labels),
      forecast: g.mul(g.scalar(weight), meanWhere(g, g.mul(miss, miss), isThere)),
    };
  },
});

interface Cut {
  readonly past: Fed;
  /** The next steps [size, channels, ahead]. */
  readonly future: Value;
  /** [size, ahead], 1 where a series has them; absent where all have. */
  readonly isThere?: Value;
}

/** Each unlabelled series at a place of its own. */
function cutApart(scope: Scope, ahead: number, stride: number): Cut {
  const { g, sizes } = scope;
  const { channels, length, unlabelled: size } = sizes;
  const { x, mask } = scope.unlabelled(none);
  const where = scope.draw('cut', [size, 1], (drawn) => drawn.uniforms(size));
  const valid = mask ? g.reduceSum(mask, [1], true) : g.scalar(length);
  // the last cut leaves `ahead` steps, the first at least one before it
  const latest = g.op('Max', [g.sub(valid, g.scalar(ahead)), g.scalar(1)]);
  const places = g.add(g.op('Floor', [g.op('Div', [g.sub(latest, g.scalar(1)), g.scalar(stride)])]), g.scalar(1));
  const cut = g.sub(latest, g.mul(g.op('Floor', [g.mul(where, places)]), g.scalar(stride)));
  const isPast = g.op('Cast', [g.op('Less', [counting(g, length), cut])], { to: 1 });
  const at = g.add(counting(g, ahead), cut);
  const inside = g.op('Cast', [g.op('Min', [at, g.scalar(length - 1)])], { to: 7 });
  const everywhere = g.op('Expand', [g.unsqueeze(inside, [1]), g.ints([size, channels, ahead])]);
  return {
    past: { x: g.mul(x, g.unsqueeze(isPast, [1])), size, ...(mask && { mask: g.mul(mask, isPast) }) },
    future: g.op('GatherElements', [x, everywhere], { axis: 2 }),
    // a series that is hardly longer than the horizon ends within it
    ...(mask && { isThere: g.op('Cast', [g.op('Less', [at, valid])], { to: 1 }) }),
  };
}

/** Mean over [size, channels, steps]; where `counts` [size, steps] is given, over what it is 1 for. */
function meanWhere(g: Builder, x: Value, counts: Value | undefined): Value {
  if (!counts) return mean(g, x);
  const total = (value: Value): Value => g.op('ReduceSum', [value], { keepdims: 0 });
  const sum = total(g.mul(g.reduce('ReduceMean', x, [1]), counts));
  return g.op('Div', [sum, g.op('Max', [total(counts), g.scalar(1)])]);
}

const counting = (g: Builder, count: number): Value => g.floats(Array.from({ length: count }, (_, i) => i));

async function forecast(scope: Scope, features: Value | undefined, size: number, outputs: number): Promise<Value> {
  const { graph, types } = await scope.formFor(size);
  const width = features && types.get(graph.outputs.at(-1) as Value)?.shape?.[1];
  if (!features || typeof width !== 'number') {
    throw unsupported(
      'self-supervised',
      'expected a network whose logits come of a linear layer, got another kind; take one that ends in Gemm or MatMul',
    );
  }
  const bound = 1 / Math.sqrt(width);
  const drawn = (count: number) =>
    random(0, 'forecast')
      .uniforms(count)
      .map((u) => (2 * u - 1) * bound);
  const weight = scope.parameter('forecast.weight', [width, outputs], drawn(width * outputs));
  const bias = scope.parameter('forecast.bias', [outputs], new Float32Array(outputs));
  return scope.g.add(scope.g.matmul(features, weight), bias);
}
