/** DDN with levels: what a picture can be stored with. */
import { expect, test } from 'vitest';
import { findingsOf, linearCase } from './linear.js';

test('moves elements by whole levels, or to the end of the box', async () => {
  const linear = linearCase(4, [3, 4, 4], 4);
  const size = linear.x.length / 4;
  for (const { id, success, adversarial } of await findingsOf('ddn', linear, { steps: 40, levels: 51 })) {
    expect(success).toBe(true);
    adversarial.forEach((value, i) => {
      const levels = Math.abs(value - linear.x[id * size + i]!) * 50;
      if (value > 0 && value < 1) expect(Math.abs(levels - Math.round(levels))).toBeLessThan(1e-4);
    });
  }
});
