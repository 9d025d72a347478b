/** Linear classifiers in a box, with the least change that flips them known exactly. */

import { type AttackName, attackNamed } from '../../src/attack/catalogue.js';
import type { Goal } from '../../src/attack/goals.js';
import { type OpenGround, openGround } from '../../src/attack/ground.js';
import { settle } from '../../src/attack/options.js';
import { type Finding, type RunOptions, runAttack } from '../../src/attack/run.js';
import type { Samples } from '../../src/data/samples.js';
import type { Graph } from '../../src/ir/types.js';
import { boundsOf } from '../../src/oracle/bounds.js';
import type { GivenOptions } from '../../src/settings/index.js';
import { random } from '../../src/tensor/random.js';
import { float32 } from '../../src/tensor/tensor.js';
import { graphOf, node, typed } from '../helpers/graphs.js';

export type Shape = readonly number[];

export interface LinearCase {
  readonly graph: Graph;
  readonly samples: Samples;
  readonly shape: Shape;
  readonly exact: readonly Exact[];
  readonly x: Float32Array;
}

/** Of one example: the least change in the box [0, 1] that flips the label. */
export interface Exact {
  readonly elements: number;
  readonly positions: number;
  readonly l2: number;
  readonly linf: number;
  readonly l1: number;
}

/**
 * `count` examples of one classifier of four classes: two of them have the scores s and -s with s = w x + b, the others never win. Each
 * example's bias is its own, an input fed beside it, so that it takes 1 to `hardest` elements to flip.
 */
export function linearCase(seed: number, shape: Shape, count: number, hardest = 6): LinearCase {
  const rng = random(seed, 'linear');
  const size = shape.reduce((a, b) => a * b, 1);
  const channels = shape.length > 1 ? shape[0]! : 1;
  const w = rng.normals(size);
  const x = rng.uniforms(size * count, size);
  const bias = new Float32Array(count);
  const exact: Exact[] = [];
  for (let row = 0; row < count; row++) {
    const own = x.subarray(row * size, (row + 1) * size);
    const dot = own.reduce((sum, value, i) => sum + value * w[i]!, 0);
    const gains = reductions(own, w);
    const sorted = [...gains].sort((a, b) => b - a);
    const k = 1 + (row % hardest);
    const need = sorted.slice(0, k).reduce((a, b) => a + b, 0) - sorted[k - 1]! * (0.3 + 0.4 * rng.uniform(row));
    bias[row] = need - dot;
    exact.push({ ...leastCounts(gains, need, channels), ...leastNorms(own, w, need) });
  }
  return { graph: modelOf(shape, w), samples: samplesOf(shape, x, bias), shape, exact, x };
}

/** By how much each element alone can lower w x. */
const reductions = (x: Float32Array, w: Float32Array): number[] =>
  [...w].map((weight, i) => (weight > 0 ? weight * x[i]! : -weight * (1 - x[i]!)));

function leastCounts(gains: readonly number[], need: number, channels: number) {
  const positions = gains.length / channels;
  const perPosition = Array.from({ length: positions }, (_, p) =>
    Array.from({ length: channels }, (__, c) => gains[c * positions + p]!).reduce((a, b) => a + b, 0),
  );
  const least = (values: readonly number[]): number => {
    let [sum, k] = [0, 0];
    for (const value of [...values].sort((a, b) => b - a)) {
      if (sum >= need) break;
      sum += value;
      k++;
    }
    return k;
  };
  return { elements: least(gains), positions: least(perPosition) };
}

/** The least norms in the box: moves grow with |w| (l2) or alike (linf) until an element meets its end; l1 goes by |w|. */
function leastNorms(x: Float32Array, w: Float32Array, need: number) {
  const room = [...w].map((weight, i) => (weight > 0 ? x[i]! : 1 - x[i]!));
  const reach = (move: (i: number) => number): number =>
    room.reduce((sum, most, i) => sum + Math.abs(w[i]!) * Math.min(most, move(i)), 0);
  const solve = (move: (t: number) => (i: number) => number): number => {
    let [low, high] = [0, 1];
    while (reach(move(high)) < need && high < 1e6) high *= 2;
    for (let i = 0; i < 100; i++) {
      const middle = (low + high) / 2;
      if (reach(move(middle)) < need) low = middle;
      else high = middle;
    }
    return high;
  };
  const linf = solve((t) => () => t);
  const t = solve((scale) => (i) => scale * Math.abs(w[i]!));
  const l2 = Math.sqrt(room.reduce((sum, most, i) => sum + Math.min(most, t * Math.abs(w[i]!)) ** 2, 0));
  let [left, l1] = [need, 0];
  for (const i of [...w.keys()].sort((a, b) => Math.abs(w[b]!) - Math.abs(w[a]!))) {
    const move = Math.min(room[i]!, Math.max(0, left) / Math.abs(w[i]!));
    l1 += move;
    left -= move * Math.abs(w[i]!);
  }
  return { linf, l2, l1 };
}

function modelOf(shape: Shape, w: Float32Array): Graph {
  const size = w.length;
  const [image, bias] = [typed('x', ['batch', ...shape]), typed('bias', ['batch', 1])];
  const [weight, sign, rest] = [typed('w', [size, 1]), typed('sign', [1, 4]), typed('rest', [1, 4])];
  const [flat, dot, score, both] = [{ name: 'flat' }, { name: 'dot' }, { name: 'score' }, { name: 'both' }];
  const logits = typed('logits', ['batch', 4]);
  return graphOf({
    inputs: [image, bias],
    outputs: [logits],
    nodes: [
      node('Flatten', [image], [flat], { axis: 1 }),
      node('MatMul', [flat, weight], [dot]),
      node('Add', [dot, bias], [score]),
      node('Mul', [score, sign], [both]),
      node('Add', [both, rest], [logits]),
    ],
    initializers: new Map([
      [weight, float32([size, 1], w)],
      [sign, float32([1, 4], Float32Array.of(1, -1, 0, 0))],
      [rest, float32([1, 4], Float32Array.of(0, 0, -50, -60))],
    ]),
  });
}

function samplesOf(shape: Shape, x: Float32Array, bias: Float32Array): Samples {
  const size = shape.reduce((a, b) => a * b, 1);
  return {
    count: bias.length,
    labels: new Int32Array(bias.length),
    batch: (from, to) =>
      new Map([
        [typed('x', ['batch', ...shape]), float32([to - from, ...shape], x.subarray(from * size, to * size))],
        [typed('bias', ['batch', 1]), float32([to - from, 1], bias.subarray(from, to))],
      ]),
    provenance: { files: [], description: 'linear' },
  };
}

export const groundOf = ({ graph, samples }: LinearCase): Promise<OpenGround> =>
  openGround(
    graph,
    samples,
    ({ space }) => boundsOf([[0, 1]], space, 'the box'),
    { batch: 64, threads: 1 },
    { input: 'x' },
  );

/** All findings of an attack on a linear case. */
export async function findingsOf(
  name: AttackName,
  linear: LinearCase,
  given: GivenOptions = {},
  run: Partial<RunOptions> = {},
): Promise<Finding[]> {
  const ground = await groundOf(linear);
  const attack = attackNamed(name);
  const goal: Goal = run.goal ?? { kind: 'untargeted' };
  const options = settle(attack, ground.space, goal.kind !== 'untargeted', given);
  const { batch = 64 } = run;
  try {
    return await runAttack(attack, options, ground, { seed: 1, ...run, batch, goal });
  } finally {
    await ground.release();
  }
}

/** How far a finding is from its clean example. */
export function changeOf({ shape, x }: LinearCase, { id, adversarial }: Finding): Exact {
  const size = shape.reduce((a, b) => a * b, 1);
  const channels = shape.length > 1 ? shape[0]! : 1;
  const positions = size / channels;
  const difference = adversarial.map((value, i) => value - x[id * size + i]!);
  const isChanged = (p: number): boolean =>
    Array.from({ length: channels }, (_, c) => difference[c * positions + p]!).some((d) => d !== 0);
  return {
    elements: difference.filter((d) => d !== 0).length,
    positions: Array.from({ length: positions }, (_, p) => p).filter(isChanged).length,
    l1: difference.reduce((sum, d) => sum + Math.abs(d), 0),
    l2: Math.hypot(...difference),
    linf: Math.max(...difference.map(Math.abs)),
  };
}
