/** Makes a failing input smaller while it fails in the same way. */
import { concat } from './bytes.mjs';

/** @param fails whether an input still shows the defect; called at most `tries` times. */
export async function shrink(input, fails, tries = 400) {
  let best = input;
  let left = tries;
  const attempt = async (candidate) => {
    if (left-- <= 0 || !(await fails(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let size = Math.ceil(best.length / 2); size >= 1 && left > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.length && left > 0; ) {
      const without = concat([best.subarray(0, at), best.subarray(at + size)]);
      if (!(await attempt(without))) at += size;
    }
  }
  return best;
}
