/** descent-loop: the steps of a descent taken by the runtime itself, many in one run of the network. */
import type { Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
import { pushesOf } from '../../optim/apg.js';
import { emitClip, type Penalty } from '../../optim/penalties/index.js';
import { pick, rowAt } from '../../oracle/packed.js';
import type { Walk } from '../../oracle/walk.js';
import { originInput } from '../terms/distance.js';
import type { Descent, Scene } from './descent-scene.js';
import { schedules } from './steps.js';

/** Steps in one run: a stop is heard and progress told between runs, and what rests is left out. */
const atOnce = 25;
/** Numbers that come back of the points of one run. */
const mostNumbers = 2 ** 24;

/** What is fed, a number an element: the box of the change, and what gradients and proximal steps are multiplied by. */
const [lowerInput, upperInput, paceInput, priceInput] = [
  'scalpel/lower',
  'scalpel/upper',
  'scalpel/pace',
  'scalpel/price',
];

/** The same as steps made on arrays, up to float32; without a line search, and where the penalty's nodes take a box. */
export async function descendInLoops(
  { asked, objective, open, lower, upper, changes }: Scene,
  options: Descent,
  onStep?: (k: number) => void,
): Promise<void> {
  const { size, count } = asked;
  const { steps, metric, beta, sparsity, momentum } = options;
  const { penalty, prices } = sparsity;
  const repeated = (of: (i: number) => number): Float32Array =>
    Float32Array.from({ length: count * size }, (_, at) => of(at % size));
  asked.feed(lowerInput, lower, size);
  asked.feed(upperInput, upper, size);
  asked.feed(
    paceInput,
    repeated((i) => metric[i]!),
    size,
  );
  asked.feed(
    priceInput,
    repeated((i) => beta * metric[i]! * (prices === 1 ? 1 : prices[i]!)),
    size,
  );
  const walk = walkOf(sparsity.name, penalty, momentum !== 'none', size);
  const sizes = Float32Array.from({ length: steps }, (_, k) => schedules[options.schedule](options.step, k, steps));
  const pushes = Float32Array.from(pushesOf(steps));
  const many = Math.max(1, Math.min(atOnce, Math.floor(mostNumbers / changes.length)));
  const states = Array.from({ length: walk.states }, () => changes.slice());
  let places = open.map((_, j) => j);
  // the first step alone: where the goal weighs too little, an instance rests from the start
  for (let from = 0, to = 1; from < steps && places.length > 0; [from, to] = [to, Math.min(to + many, steps)]) {
    const part = (values: Float32Array): Float32Array => values.subarray(from, to);
    const before = states.map((state) => pick(state, size, places));
    const after = await asked.walk(objective, walk, {
      samples: places.map((j) => open[j]!),
      states: before,
      schedules: { size: part(sizes), push: part(pushes) },
      isTraced: asked.features.isPlain,
    });
    const stays = (i: number): boolean =>
      before.every((state, s) => isSame(rowAt(state, size, i), rowAt(after[s]!, size, i)));
    const still = places.filter((_, i) => !stays(i));
    places.forEach((j, i) => {
      for (const [s, state] of states.entries()) state.set(rowAt(after[s]!, size, i), j * size);
    });
    places = still;
    onStep?.(to - 1);
  }
  changes.set(states.at(-1)!);
}

/** Written so that NaN rests. */
function isSame(a: Float32Array, b: Float32Array): boolean {
  for (let i = 0; i < a.length; i++) if (Math.abs(a[i]! - b[i]!) > 0) return false;
  return true;
}

/** States: where the slope is taken and, with momentum, the iterate. */
const walkOf = (name: string, penalty: Penalty | undefined, isPushed: boolean, size: number): Walk => ({
  name: `descent ${name} ${isPushed}`,
  states: isPushed ? 2 : 1,
  schedules: isPushed ? ['size', 'push'] : ['size'],
  point: (g, [ahead], row) => g.add(row(originInput, size), ahead!),
  next(g, { states: [ahead, iterate], gradient, scheduled }, row) {
    const step = scheduled('size');
    const z = g.sub(ahead!, g.mul(g.mul(row(paceInput, size), step), gradient));
    const reached = proxOf(g, z, step, penalty, (input) => row(input, size));
    return iterate ? [g.add(reached, g.mul(g.sub(reached, iterate), scheduled('push'))), reached] : [reached];
  },
});

function proxOf(g: Builder, z: Value, step: Value, penalty: Penalty | undefined, row: (input: string) => Value): Value {
  const box = { lower: row(lowerInput), upper: row(upperInput) };
  return penalty ? penalty.emitProx!(g, z, g.mul(row(priceInput), step), box) : emitClip(g, z, box);
}
