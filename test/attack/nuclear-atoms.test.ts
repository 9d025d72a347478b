/** Corners of the group nuclear ball, against the singular values of every group. */
import { describe, expect, test } from 'vitest';
import { type AtomForm, atom } from '../../src/attack/nuclear-atoms.js';
import { tilesOf } from '../../src/attack/tiles.js';
import type { Window } from '../../src/attack/windows.js';
import { svd } from '../../src/linalg/jacobi-svd.js';
import { type Space, spaceOf } from '../../src/oracle/space.js';
import { random } from '../../src/tensor/random.js';

const radius = 5;
const cases: readonly [string, Space, number][] = [
  ['an image', spaceOf([3, 8, 8]), 4],
  ['an image with narrower groups at its ends', spaceOf([3, 7, 5]), 3],
  ['series of channels', spaceOf([4, 30]), 8],
  ['features', spaceOf([12]), 1],
];

describe.each(cases)('in %s', (_, space, side) => {
  const gradient = random(3, 'atoms').normals(space.size);
  const tiles = tilesOf(space, side);
  const moved = (form: AtomForm): Float32Array => {
    const out = new Float32Array(space.size);
    expect(atom(gradient, space, tiles, radius, form, out)).toBe(true);
    return out;
  };
  const slope = (out: Float32Array): number => out.reduce((sum, value, i) => sum + value * gradient[i]!, 0);
  const stacked = (values: Float32Array, tile: Window): Float64Array =>
    singular(values, space, tile, 0, space.channels);

  test('the original corner is the least in the ball', () => {
    const out = moved('original');
    const most = Math.max(...tiles.map((tile) => stacked(gradient, tile)[0]!));
    expect(slope(out)).toBeCloseTo(-radius * most, 4);
    const norm = tiles.reduce((sum, tile) => sum + total(stacked(out, tile)), 0);
    expect(norm).toBeCloseTo(radius, 4);
  });

  test('the port moves all channels of the group with the largest nuclear norms', () => {
    const out = moved('port');
    const channels = (values: Float32Array, tile: Window) =>
      Array.from({ length: space.channels }, (__, c) => singular(values, space, tile, c, 1));
    const norms = tiles.map((tile) => channels(gradient, tile).reduce((sum, s) => sum + total(s), 0));
    const best = tiles[norms.indexOf(Math.max(...norms))]!;
    expect(slope(out)).toBeCloseTo(-radius * channels(gradient, best).reduce((sum, s) => sum + s[0]!, 0), 4);
    for (const s of channels(out, best)) expect(total(s)).toBeCloseTo(radius, 4);
    const all = tiles.reduce((sum, tile) => sum + channels(out, tile).reduce((part, s) => part + total(s), 0), 0);
    expect(all).toBeCloseTo(radius * space.channels, 3);
  });
});

test('no slope, no corner', () => {
  const space = spaceOf([3, 8, 8]);
  const out = new Float32Array(space.size).fill(1);
  expect(atom(new Float32Array(space.size), space, tilesOf(space, 4), radius, 'original', out)).toBe(false);
  expect(out.every((value) => value === 0)).toBe(true);
});

const total = (s: Float64Array): number => s.reduce((a, b) => a + b, 0);

function singular(
  values: Float32Array,
  { positions, width }: Space,
  tile: Window,
  first: number,
  count: number,
): Float64Array {
  const lines = Array.from({ length: count * tile.height }, (_, line) => {
    const from = (first + Math.floor(line / tile.height)) * positions + (tile.top + (line % tile.height)) * width;
    return [...values.subarray(from + tile.left, from + tile.left + tile.width)];
  });
  return svd(Float64Array.from(lines.flat()), lines.length, tile.width).s;
}
