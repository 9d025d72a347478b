/** homotopy: the price of a changed group falls round by round, each round lets one more group in, until those that are in suffice. */
import { groupL0, overChannels } from '../optim/penalties/index.js';
import { carliniWagner } from '../oracle/objectives.js';
import { attack } from './attack.js';
import { firstStep, type Landscape, nonmonotoneDescent } from './nonmonotone-descent.js';
import { type Room, roomOf } from './room.js';
import { type Course, ofPoint, type PointAnswer, sideBySide } from './side-by-side.js';
import { superpixels } from './superpixels.js';
import type { Use, Victim } from './victim.js';

const range = [-1, 1] as const;

/**
 * Zhu, Chen, Wang, Sparse and imperceptible adversarial attack via a homotopy algorithm (arXiv 2106.06027), with groups of pixels in place of
 * pixels as in the comparison of Sadiku, Wagner, Pokutta (arXiv 2311.17434), whose constants these are.
 *
 * Both published codes hold the extrapolation's first term at zero, and the comparison's accepts steps by the number of pixels while its
 * proximal step prices groups and leaves them unclipped. Here the method is as written: momentum, the exact proximal step in the box, and
 * groups in both places. The price at which the first step would not move is solved for and not searched. The last descent of the published
 * codes, up to 40000 small steps that lower the largest changes until the example is no longer adversarial, runs along one path:
 * where success ends on it is bisected.
 */
export const homotopy = attack({
  name: 'homotopy',
  family: 'group',
  needs: 'gradients',
  paper: 'Zhu, Chen, Wang, Sparse and imperceptible adversarial attack via a homotopy algorithm (arXiv 2106.06027)',
  range,
  measure: 'l2',
  options: {
    segments: { default: 100, about: 'superpixels that are groups, about', from: 1, whole: true },
    limit: { default: 0.1, about: 'most that an element changes', from: 1e-6 },
    start: { default: 0.1, about: 'first price of a group, of that at which nothing would change', from: 1e-12, to: 1 },
    decay: { default: 0.9, about: 'by what the price is multiplied each round', from: 0.01, to: 0.9999 },
    perRound: { default: 1, about: 'groups that a round may add', from: 1, whole: true },
    steps: { default: 100, about: 'steps of a round, at most doubled', from: 1, whole: true },
    eta: { default: 0.9, about: 'weight of earlier objectives in the mean that a step must lower', from: 0, to: 1 },
    delta: { default: 0.3, about: 'decrease asked of a step, of its squared length', from: 0 },
    rho: { default: 0.8, about: 'by what a refused step is shortened', from: 0.01, to: 0.99 },
    fullness: {
      default: 0.96,
      about: 'mean change, of the limit, below which a round goes on within its groups',
      from: 0,
      to: 1,
    },
    fillSteps: {
      default: 50,
      about: 'steps of going on, times 1 + changed elements / fillEvery',
      from: 0,
      whole: true,
    },
    fillEvery: { default: 100, about: 'changed elements for which steps are added', from: 1, whole: true },
    lossStep: { default: 1e-3, about: 'step down the loss when going on', from: 0 },
    shrinkStep: { default: 1e-5, about: 'step down the largest change when going on', from: 0 },
    shrinkSteps: { default: 10, about: 'bisections of the largest change in the end', from: 0, whole: true },
  },
  defaults: ({ positions }) =>
    positions > 64 * 64
      ? { segments: 500, start: 0.01, decay: 0.98, fullness: 0.8, fillEvery: 500, lossStep: 0.1, shrinkStep: 1e-3 }
      : {},
  async run(victim, options) {
    const room = roomOf(victim, options.limit);
    await sideBySide(victim, (row) => courseOf(victim, row, room, options));
  },
});

const hinge = carliniWagner();

interface Settings {
  readonly segments: number;
  readonly limit: number;
  readonly start: number;
  readonly decay: number;
  readonly perRound: number;
  readonly steps: number;
  readonly eta: number;
  readonly delta: number;
  readonly rho: number;
  readonly fullness: number;
  readonly fillSteps: number;
  readonly fillEvery: number;
  readonly lossStep: number;
  readonly shrinkStep: number;
  readonly shrinkSteps: number;
}

/** One example and its groups. */
interface Scene {
  readonly x: Float32Array;
  readonly low: Float32Array;
  readonly high: Float32Array;
  readonly labels: Int32Array;
  readonly count: number;
}

function* courseOf(victim: Victim, row: number, room: Room, options: Settings): Course<void> {
  const scene = sceneOf(victim, row, room, options.segments);
  const { x, low, high, labels, count } = scene;
  const groups = groupL0(labels);
  const box = { lower: low.map((value, i) => value - x[i]!), upper: high.map((value, i) => value - x[i]!) };
  let change: Float32Array = new Float32Array(x.length);
  const clean = yield* ask(scene, change, 'guide', true);
  let price = options.start * dearest(scene, clean.gradient);
  // every round may add a group, and some do not
  for (let round = 0; round < 2 * count; round++) {
    const allowed = groups.value(change) + options.perRound;
    const land: Landscape = {
      slopes: (at) => ask(scene, at, 'guide', true),
      *margin(at) {
        return (yield* ask(scene, at, 'guide', false)).margin;
      },
      prox: (at, step) => groups.prox(at, step * price, box),
      penalty: (at) => price * groups.value(at),
      trim: (at) => (groups.value(at) > allowed ? largestGroups(at, labels, count, allowed) : at),
    };
    const descended = yield* nonmonotoneDescent(land, change, options);
    change = descended.change;
    let { margin } = descended;
    if (margin >= 0) ({ change, margin } = yield* fill(scene, change, margin, options));
    if (margin < 0) {
      yield* shrink(scene, change, options.shrinkSteps);
      return;
    }
    price *= options.decay;
  }
}

function sceneOf(victim: Victim, row: number, { low, high }: Room, segments: number): Scene {
  const { size, space } = victim;
  const own = (values: Float32Array): Float32Array => values.subarray(row * size, (row + 1) * size);
  const labels = overChannels(superpixels(victim, row, segments, range), space.channels);
  return {
    x: own(victim.x),
    low: own(low),
    high: own(high),
    labels,
    count: 1 + labels.reduce((a, b) => Math.max(a, b), 0),
  };
}

function* ask({ x, low, high }: Scene, change: Float32Array, use: Use, isSlope: boolean): Course<PointAnswer> {
  const point = x.map((value, i) => {
    const moved = Math.fround(value + change[i]!);
    return use === 'guide' ? moved : Math.min(high[i]!, Math.max(low[i]!, moved));
  });
  return ofPoint(yield { points: point, use, ...(isSlope && { objective: hinge }) });
}

/** The price at which the first step just stays where it is, but for the box. */
function dearest({ labels, count }: Scene, gradient: Float32Array): number {
  const squares = new Float64Array(count);
  labels.forEach((group, i) => {
    squares[group]! += gradient[i]! ** 2;
  });
  return (firstStep * squares.reduce((a, b) => Math.max(a, b), 0)) / 2;
}

function largestGroups(change: Float32Array, labels: Int32Array, count: number, allowed: number): Float32Array {
  const squares = new Float64Array(count);
  labels.forEach((group, i) => {
    squares[group]! += change[i]! ** 2;
  });
  const kept = new Set([...squares.keys()].sort((a, b) => squares[b]! - squares[a]!).slice(0, allowed));
  return change.map((value, i) => (kept.has(labels[i]!) ? value : 0));
}

/** Where the changed groups have room left: descent within them, which also lowers the largest change. */
function* fill(
  scene: Scene,
  start: Float32Array,
  startMargin: number,
  { limit, fullness, fillSteps, fillEvery, lossStep, shrinkStep }: Settings,
): Course<{ change: Float32Array; margin: number }> {
  const { x, low, high } = scene;
  let [change, margin] = [start, startMargin];
  const changed = start.reduce((sum, value) => sum + Number(value !== 0), 0);
  const sum = start.reduce((all, value) => all + Math.abs(value), 0);
  if (changed === 0 || sum > changed * limit * fullness) return { change, margin };
  const steps = fillSteps * Math.ceil(changed / fillEvery);
  for (let step = 0; step <= steps; step++) {
    const found = yield* ask(scene, change, 'guide', step < steps);
    margin = found.margin;
    if (margin < 0 || step === steps) break;
    const largest = change.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    // the slope of the largest change is shared by all that are as large
    const ties = change.reduce((all, value) => all + Number(Math.abs(value) === largest), 0);
    change = change.map((value, i) => {
      if (start[i] === 0) return 0;
      const lower = Math.abs(value) === largest ? (shrinkStep * Math.sign(value)) / ties : 0;
      const moved = value - lower - lossStep * found.gradient[i]!;
      return Math.min(high[i]! - x[i]!, Math.max(low[i]! - x[i]!, moved));
    });
  }
  return { change, margin };
}

/** Cuts the largest changes down as far as the goal stays reached. */
function* shrink(scene: Scene, change: Float32Array, steps: number): Course<void> {
  yield* ask(scene, change, 'candidate', false);
  let [fails, works] = [0, change.reduce((most, value) => Math.max(most, Math.abs(value)), 0)];
  for (let step = 0; step < steps; step++) {
    const level = (fails + works) / 2;
    const cut = change.map((value) => Math.min(level, Math.max(-level, value)));
    const { margin } = yield* ask(scene, cut, 'candidate', false);
    if (margin < 0) works = level;
    else fails = level;
  }
}
