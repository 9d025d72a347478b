/** Ops that are constant almost everywhere, or whose outputs are no floating-point numbers. */
import { pointwise } from './flow.js';
import type { OpDef } from './op.js';
import { flat } from './rule.js';

const judged: OpDef = { ...flat, flow: pointwise };

export const Sign = judged;
export const Ceil = judged;
export const Floor = judged;
export const Round = judged;
export const Hardmax = flat;
/** Its edges choose bins. */
export const MelWeightMatrix = flat;

/** Of their input only the shape counts. */
export const EyeLike = flat;
export const RandomNormalLike = flat;
export const RandomUniformLike = flat;

export const ArgMax = flat;
export const ArgMin = flat;
export const Equal = judged;
export const Greater = judged;
export const GreaterOrEqual = judged;
export const Less = judged;
export const LessOrEqual = judged;
export const IsNaN = judged;
export const IsInf = judged;
export const And = judged;
export const Or = judged;
export const Xor = judged;
export const Not = judged;
export const BitShift = judged;
export const BitwiseAnd = judged;
export const BitwiseOr = judged;
export const BitwiseXor = judged;
export const BitwiseNot = judged;
