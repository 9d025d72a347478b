/** Auto-PGD's schedule against the paper's: when it looks at the step size, and when it halves it. */
import { describe, expect, test } from 'vitest';
import { checkpoints, StepSizes } from '../../src/attack/apgd-steps.js';

describe('step sizes of Auto-PGD', () => {
  test('are looked at after 22 % of the steps, then ever sooner', () => {
    expect(checkpoints(100)).toEqual([22, 41, 57, 70, 80, 87, 93, 99]);
  });

  const halved = (values: readonly number[], sizes = new StepSizes(Float64Array.of(2))): boolean => {
    for (const value of values) sizes.see(0, value);
    return sizes.check(0, values.length - 1);
  };

  test('are kept while three steps of four help', () => {
    expect(halved([9, 8, 7, 8, 6])).toBe(false);
    expect(halved([9, 8, 9, 8, 9])).toBe(true);
  });

  test('are halved without a gain, unless they have just been', () => {
    const sizes = new StepSizes(Float64Array.of(2));
    expect(halved([9, 8, 7, 6, 5], sizes)).toBe(false);
    // three of four steps help, and none gets below 5
    const idle = [9, 8, 7, 6];
    expect(halved([...idle, 6], sizes)).toBe(true);
    expect(sizes.of(0)).toBe(1);
    expect(halved([...idle, 5.5], sizes)).toBe(false);
    expect(halved([...idle, 5.4], sizes)).toBe(true);
    expect(sizes.of(0)).toBe(0.5);
  });
});
