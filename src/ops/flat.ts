/** Ops that are constant almost everywhere, or whose outputs are no floating-point numbers. */
import { flat } from './rule.js';

export const Sign = flat;
export const Ceil = flat;
export const Floor = flat;
export const Round = flat;
export const Hardmax = flat;
/** Its edges choose bins. */
export const MelWeightMatrix = flat;

/** Of their input only the shape counts. */
export const EyeLike = flat;
export const RandomNormalLike = flat;
export const RandomUniformLike = flat;

export const ArgMax = flat;
export const ArgMin = flat;
export const Equal = flat;
export const Greater = flat;
export const GreaterOrEqual = flat;
export const Less = flat;
export const LessOrEqual = flat;
export const IsNaN = flat;
export const IsInf = flat;
export const And = flat;
export const Or = flat;
export const Xor = flat;
export const Not = flat;
export const BitShift = flat;
export const BitwiseAnd = flat;
export const BitwiseOr = flat;
export const BitwiseXor = flat;
export const BitwiseNot = flat;
