/** Proposals of the Square Attack in linf: every element stands at either end of what the ball allows. */
import type { Proposals, Scene } from './proposals.js';
import { drawWindow, windowSize } from './windows.js';

export function squaresLinf({ space, clean, lower, upper, current, dice, eps }: Scene): Proposals {
  const { channels, height, width, positions } = space;
  const end = (i: number, sign: number): number => Math.min(upper[i], Math.max(lower[i], clean[i] + sign * eps));
  return {
    // stripes from top to bottom
    start(asked) {
      for (let c = 0; c < channels; c++) {
        for (let x = 0; x < width; x++) {
          const sign = dice.sign();
          for (let y = 0; y < height; y++) {
            const i = c * positions + y * width + x;
            asked[i] = end(i, sign);
          }
        }
      }
    },
    // one sign a channel
    propose(asked, share) {
      const { top, left, height: tall, width: wide } = drawWindow(space, windowSize(space, share), dice);
      let isChange = false;
      for (let c = 0; c < channels; c++) {
        const sign = dice.sign();
        for (let y = top; y < top + tall; y++) {
          for (let i = c * positions + y * width + left, j = 0; j < wide; i++, j++) {
            asked[i] = end(i, sign);
            if (asked[i] !== current[i]) isChange = true;
          }
        }
      }
      return isChange;
    },
  };
}
