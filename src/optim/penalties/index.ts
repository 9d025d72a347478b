/** Penalties: convex or not, each with its prox, on arrays and mostly as nodes too. Smooth terms are emitted into graphs instead. */
import { atMostK } from './at-most-k.js';
import { atMostSegments } from './at-most-segments.js';
import { box } from './box.js';
import { groupL0 } from './group-l0.js';
import { groupL2 } from './group-l2.js';
import { lHalf } from './l-half.js';
import { lTwoThirds } from './l-two-thirds.js';
import { l0 } from './l0.js';
import { l1 } from './l1.js';
import { l1Ball } from './l1-ball.js';
import { l2Ball } from './l2-ball.js';
import { linfBall } from './linf-ball.js';
import { lp } from './lp.js';
import { nuclear } from './nuclear.js';
import type { Penalty } from './penalty.js';
import { segments } from './segments.js';
import { squaredL2 } from './squared-l2.js';

export type { AtMostSegmentsOptions } from './at-most-segments.js';
export { emitClip } from './emit-clip.js';
export { type Labels, overChannels } from './groups.js';
export type { Box, Limits, Penalty, StepSize } from './penalty.js';
export type { SegmentsOptions } from './segments.js';
export {
  atMostK,
  atMostSegments,
  box,
  groupL0,
  groupL2,
  l0,
  l1,
  l1Ball,
  l2Ball,
  lHalf,
  linfBall,
  lp,
  lTwoThirds,
  nuclear,
  segments,
  squaredL2,
};

/** Those without parameters. */
export const penalties = { l0, lHalf, lTwoThirds, l1, squaredL2 } satisfies Record<string, Penalty>;

/** Those that are made for a power, a number, a radius, groups or a shape; the constraints among them are 0 or infinite. */
export const penaltyFamilies = {
  lp,
  atMostK,
  atMostSegments,
  l2Ball,
  l1Ball,
  linfBall,
  box,
  groupL2,
  groupL0,
  segments,
  nuclear,
} satisfies Record<string, (...parameters: never[]) => Penalty>;
