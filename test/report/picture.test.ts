/** Examples as PNG files: what is read from them again is what the model was fed. */
import { decode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { boundsOf } from '../../src/oracle/bounds.js';
import { spaceOf } from '../../src/oracle/space.js';
import { heat } from '../../src/report/heat.js';
import { outline } from '../../src/report/outline.js';
import { pixelsOf, pngOf } from '../../src/report/picture.js';

describe('pictures', () => {
  const space = spaceOf([3, 2, 2]);
  // as of pixels 0 to 255 with another mean and deviation a channel
  const bounds = boundsOf(
    [
      [-1, 1],
      [-2, 3],
      [0, 255],
    ],
    space,
    'test',
  );
  const bytes = [0, 255, 128, 3, 10, 20, 30, 40, 1, 2, 254, 77];
  const values = Float32Array.from(bytes, (byte, i) => {
    const [low, high] = [bounds.lower[i]!, bounds.upper[i]!];
    return low + (byte / 255) * (high - low);
  });

  test('of three channels', () => {
    const { width, height, channels, data } = decode(pngOf(pixelsOf(values, space, bounds)));
    expect([width, height, channels]).toEqual([2, 2, 3]);
    expect([...data]).toEqual([0, 10, 1, 255, 20, 2, 128, 30, 254, 3, 40, 77]);
  });

  test('whose first channel is blue', () => {
    expect([...pixelsOf(values, space, bounds, 'bgr').data].slice(0, 3)).toEqual([1, 10, 0]);
  });

  test('of other channels are grey', () => {
    const two = spaceOf([2, 1, 2], [2, 1, 2]);
    const grey = pixelsOf(Float32Array.of(0, 1, 1, 1), two, boundsOf([[0, 1]], two, 'test'));
    expect([...decode(pngOf(grey)).data]).toEqual([128, 255]);
  });
});

test('the outline of pixels runs along their edges, each stretch once', () => {
  const mask = Uint8Array.of(0, 1, 1, 0, 0, 0);
  expect(outline(mask, { height: 2, width: 3 })).toBe('M1 0H3M1 1H3M1 0V1M3 0V1');
});

test('heat grows lighter', () => {
  const light = Array.from({ length: 11 }, (_, i) => heat(i / 10).reduce((a, b) => a + b));
  for (const [i, value] of light.entries()) if (i > 0) expect(value).toBeGreaterThan(light[i - 1]!);
});
