/** sapf: the mask comes to hold about as many ones as are aimed at, in whole groups. */
import { expect, test } from 'vitest';
import { firstStrengths, type Strengths, turnMask } from '../../src/attack/sapf-mask.js';
import { random } from '../../src/tensor/random.js';

const size = 300;
const labels = Int32Array.from({ length: size }, (_, i) => Math.floor(i / 10));

/** The masks of a loss that falls along `slopes`. */
function maskOf(k: number, lambda2: number, slopes: Float32Array): Float32Array {
  const scene = {
    x: new Float32Array(size),
    lower: new Float32Array(size).fill(-1),
    upper: new Float32Array(size).fill(1),
  };
  const sizes = slopes.map((slope) => -0.3 * slope);
  const mask = new Float32Array(size).fill(1);
  const pace = { size: 0.1, taken: 0 };
  const strengths: Strengths = [...firstStrengths];
  for (let round = 0; round < 10; round++) {
    const settings = { labels, lambda1: 1, lambda2, k, maskSteps: 200 };
    const turn = turnMask(scene, sizes, mask, pace, strengths, settings);
    const answer = () => ({ logits: new Float32Array(2), margins: Float32Array.of(1), gradients: slopes.slice() });
    for (let asked = turn.next(); !asked.done; ) asked = turn.next(answer());
  }
  return mask.map((value) => Number(value > 0.5));
}

const slopes = random(5, 'sapf').uniforms(size);

const ones = (mask: Float32Array): number => mask.reduce((sum, value) => sum + value, 0);

test.each([30, 60, 120])('with %i ones aimed at, about as many', (k) => {
  expect(Math.abs(ones(maskOf(k, 0, slopes)) - k)).toBeLessThanOrEqual(0.1 * k);
});

test('without groups the ones stand where the loss falls most', () => {
  const mask = maskOf(60, 0, slopes);
  const sorted = [...slopes].sort((a, b) => b - a);
  mask.forEach((value, i) => {
    if (value === 1) expect(slopes[i]).toBeGreaterThan(sorted[90]!);
  });
});

test('with groups they stand in few', () => {
  const groups = (mask: Float32Array): number => new Set(labels.filter((_, i) => mask[i] === 1)).size;
  expect(groups(maskOf(60, 10, slopes))).toBeLessThan(0.6 * groups(maskOf(60, 0, slopes)));
});
