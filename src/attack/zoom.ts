/** zoom: one rectangle of changes, made smaller as long as a change of the same size within it still succeeds. */

import { gap } from '../oracle/objectives.js';
import type { Space } from '../oracle/space.js';
import { attack } from './attack.js';
import { type Rectangle, type Rectangles, rectanglesOf } from './rectangles.js';
import { type Course, ofPoint, type PointAnswer, sideBySide } from './side-by-side.js';
import type { Victim } from './victim.js';

/**
 * Of onnx-scalpel, for d_{2,0} of Sadiku, Wagner, Pokutta (arXiv 2311.17434): what GSE pays for, a change that touches few patches, is known
 * beforehand for every rectangle. Within one, the nearest success in l2 is sought by projected descent, a dozen gradients. What it
 * changed and the gradient there say which cheaper rectangle holds most of it; the change is carried over, and a few more
 * gradients tell whether it will do. Further starts look where the gradients so far were largest.
 */
export const zoom = attack({
  name: 'zoom',
  family: 'group',
  needs: 'gradients',
  paper: 'onnx-scalpel, after the measure of Sadiku, Wagner, Pokutta (arXiv 2311.17434); see docs/attacks.md',
  range: [-1, 1],
  measure: 'd20',
  options: {
    radius: { default: 0.87, about: 'l2 norm of a change that is tried first', from: 1e-6 },
    growth: { default: 2, about: 'growth of the radius until a change anywhere is enough', from: 1.01 },
    starts: { default: 6, about: 'rectangles that are begun with', from: 1, whole: true },
    steps: { default: 12, about: 'gradients of a descent from the clean example', from: 1, whole: true },
    carrySteps: { default: 8, about: 'gradients for a change that was carried over', from: 1, whole: true },
    narrowing: {
      default: 0.5,
      about: 'share of the cost that the next rectangle may have at first',
      from: 0.01,
      to: 0.99,
    },
    fine: { default: 0.97, about: 'share at which zooming ends', from: 0.01, to: 0.999 },
  },
  async run(victim, options) {
    const rectangles = rectanglesOf(victim.space);
    await sideBySide(victim, (row) => courseOf(victim, row, rectangles, options));
  },
});

interface Settings {
  readonly radius: number;
  readonly growth: number;
  readonly starts: number;
  readonly steps: number;
  readonly carrySteps: number;
  readonly narrowing: number;
  readonly fine: number;
}

/** One example, and what all its gradients so far say of its positions. */
interface Scene {
  readonly x: Float32Array;
  readonly lower: Float32Array;
  readonly upper: Float32Array;
  readonly space: Space;
  /** Sum over gradients of each position's share of the squared norm. */
  readonly energy: Float64Array;
}

/** A change within a rectangle on its way. */
interface Attempt {
  readonly rectangle: Rectangle;
  readonly change: Float32Array;
  readonly velocity: Float32Array;
  seen: PointAnswer;
  readonly margins: number[];
}

function* courseOf(victim: Victim, row: number, rectangles: Rectangles, settings: Settings): Course<void> {
  const { size, space } = victim;
  const own = (values: Float32Array): Float32Array => values.subarray(row * size, (row + 1) * size);
  const scene: Scene = {
    ...{ x: own(victim.x), lower: own(victim.lower), upper: own(victim.upper), space },
    energy: new Float64Array(space.positions),
  };
  const clean = yield* ask(scene, new Float32Array(size));
  const first = yield* anywhere(scene, rectangles.whole, clean, settings);
  if (!first) return;
  const { radius } = first;
  let best = yield* narrowed(scene, rectangles, first.found, { ...settings, radius });
  const tried = [best.rectangle];
  for (let start = 1; start < settings.starts; start++) {
    const rectangle = rectangles.hottest(scene.energy, 1.5 * best.rectangle.cost, tried);
    if (!rectangle) return;
    tried.push(rectangle);
    const begun = begin(scene, rectangle, clean);
    if (!(yield* descend(scene, begun, settings.steps, radius, false))) continue;
    const ended = yield* narrowed(
      scene,
      rectangles,
      begun,
      { ...settings, radius, narrowing: 0.75 },
      best.rectangle.cost,
    );
    tried.push(ended.rectangle);
    if (ended.rectangle.cost < best.rectangle.cost) best = ended;
  }
}

/** A success that may change everything, with a radius that grows until there is one or the box ends. */
function* anywhere(scene: Scene, whole: Rectangle, clean: PointAnswer, settings: Settings) {
  const { x, lower, upper } = scene;
  const most = Math.sqrt(x.reduce((sum, value, i) => sum + Math.max(upper[i]! - value, value - lower[i]!) ** 2, 0));
  for (let { radius } = settings; ; radius *= settings.growth) {
    const found = begin(scene, whole, clean);
    if (yield* descend(scene, found, settings.steps, radius, false)) return { found, radius };
    if (radius >= most) return undefined;
  }
}

/** Cheaper and cheaper rectangles, as long as the change carried over succeeds. @param rival a cost that ends what will not come below it. */
function* narrowed(
  scene: Scene,
  rectangles: Rectangles,
  from: Attempt,
  { radius, carrySteps, narrowing, fine }: Settings,
  rival = 0,
): Course<Attempt> {
  let found = from;
  for (let share = narrowing; share <= fine; ) {
    if (rival > 0 && share > 0.9 && found.rectangle.cost > 1.5 * rival) return found;
    const rectangle = rectangles.hottest(heatOf(scene, found), share * found.rectangle.cost);
    if (!rectangle) return found;
    const next = carried(scene, found, rectangle, radius);
    next.seen = yield* ask(scene, next.change);
    next.margins.push(next.seen.margin);
    if (next.seen.margin < 0 || (yield* descend(scene, next, carrySteps, radius, true))) found = next;
    else share = 1 - (1 - share) / 2;
  }
  return found;
}

/** Projected descent with momentum within a rectangle; true once it succeeds, false when it is done or will not come there. */
function* descend(scene: Scene, attempt: Attempt, steps: number, radius: number, isWarm: boolean): Course<boolean> {
  const { rectangle, change, velocity, margins } = attempt;
  const { space } = scene;
  for (let step = 1; step <= steps; step++) {
    const { gradient } = attempt.seen;
    const length = Math.sqrt(sumWithin(space, rectangle, (i) => gradient[i]! ** 2)) || 1;
    const stride = radius * (isWarm ? 0.25 : 0.5) * (1 - (0.7 * (step - 1)) / steps);
    eachWithin(space, rectangle, (i) => {
      velocity[i] = 0.5 * velocity[i]! + gradient[i]! / length;
      change[i]! -= stride * velocity[i]!;
    });
    // the ball opens on the way
    fit(scene, rectangle, change, isWarm ? radius : radius * (0.5 + (0.5 * step) / steps), false);
    attempt.seen = yield* ask(scene, change);
    margins.push(attempt.seen.margin);
    if (attempt.seen.margin < 0) return true;
    if (isHopeless(margins, steps - step)) return false;
  }
  return false;
}

/** Whether a margin that goes on falling as in the last three steps ends above 0. */
function isHopeless(margins: readonly number[], left: number): boolean {
  const last = margins.length - 1;
  if (last < 3) return false;
  const rate = (margins[last - 3]! - margins[last]!) / 3;
  return margins[last]! - rate * left > 0;
}

const begin = ({ x }: Scene, rectangle: Rectangle, clean: PointAnswer): Attempt => ({
  ...{ rectangle, seen: clean, margins: [clean.margin] },
  change: new Float32Array(x.length),
  velocity: new Float32Array(x.length),
});

/** What of a change lies in another rectangle, as large as the radius allows. */
function carried(scene: Scene, { change, seen }: Attempt, rectangle: Rectangle, radius: number): Attempt {
  const moved = new Float32Array(change.length);
  eachWithin(scene.space, rectangle, (i) => {
    moved[i] = change[i]!;
  });
  fit(scene, rectangle, moved, radius, true);
  return { rectangle, change: moved, velocity: new Float32Array(change.length), seen, margins: [] };
}

/** Scales a change down to the radius, or to it, and cuts it to the box: to what float32 makes of the example with it. */
function fit(
  { x, lower, upper, space }: Scene,
  rectangle: Rectangle,
  change: Float32Array,
  radius: number,
  isUp: boolean,
): void {
  const norm = Math.sqrt(sumWithin(space, rectangle, (i) => change[i]! ** 2));
  const scale = norm > radius || (isUp && norm > 0) ? radius / norm : 1;
  eachWithin(space, rectangle, (i) => {
    const value = Math.min(upper[i]!, Math.max(lower[i]!, Math.fround(x[i]! + scale * change[i]!)));
    change[i] = Math.fround(value - x[i]!);
  });
}

function* ask({ x, space, energy }: Scene, change: Float32Array): Course<PointAnswer> {
  const answer = ofPoint(yield { points: x.map((value, i) => value + change[i]!), objective: gap });
  const { gradient } = answer;
  const total = gradient.reduce((sum, value) => sum + value * value, 0);
  if (total > 0) for (let i = 0; i < gradient.length; i++) energy[i % space.positions]! += gradient[i]! ** 2 / total;
  return answer;
}

/** By position: its share of the squared change, and of the squared gradient where the change has led. */
function heatOf({ space }: Scene, { change, seen: { gradient } }: Attempt): Float64Array {
  const heat = new Float64Array(space.positions);
  const squares = (values: Float32Array): number => values.reduce((sum, value) => sum + value * value, 0) || 1;
  const [moved, slope] = [squares(change), squares(gradient)];
  for (let i = 0; i < change.length; i++)
    heat[i % space.positions]! += change[i]! ** 2 / moved + gradient[i]! ** 2 / slope;
  return heat;
}

/** Every element of every channel whose position lies in the rectangle. */
function eachWithin({ channels, positions, width }: Space, rectangle: Rectangle, visit: (i: number) => void): void {
  for (let c = 0; c < channels; c++)
    for (let y = rectangle.top; y < rectangle.top + rectangle.height; y++) {
      const from = c * positions + y * width + rectangle.left;
      for (let i = from; i < from + rectangle.width; i++) visit(i);
    }
}

function sumWithin(space: Space, rectangle: Rectangle, value: (i: number) => number): number {
  let sum = 0;
  eachWithin(space, rectangle, (i) => {
    sum += value(i);
  });
  return sum;
}
