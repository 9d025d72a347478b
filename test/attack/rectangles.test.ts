/** Rectangles: what one costs is what d_{2,0} says of it, and the hottest is the one that brute force finds. */
import { describe, expect, test } from 'vitest';
import { patchesTouched } from '../../src/attack/metrics/patches.js';
import { type Rectangle, Rectangles } from '../../src/attack/rectangles.js';
import { spaceOf } from '../../src/oracle/space.js';
import { random } from '../../src/tensor/random.js';

const grids = [
  [12, 10],
  [1, 20],
  [5, 5],
] as const;

const filled = ({ top, left, height, width }: Rectangle, across: number, positions: number): Float32Array =>
  Float32Array.from({ length: positions }, (_, p) => {
    const [y, x] = [Math.floor(p / across), p % across];
    return Number(y >= top && y < top + height && x >= left && x < left + width);
  });

/** The whole, and the hottest of some random heats. */
function some(height: number, width: number): Rectangle[] {
  const rectangles = new Rectangles({ height, width });
  const heats = Array.from({ length: 30 }, (_, i) =>
    Float64Array.from(random(i, 'heat').normals(height * width), (value) => Math.max(0, value)),
  );
  const found = heats.flatMap((heat, i) => rectangles.hottest(heat, 20 + 5 * i) ?? []);
  return [rectangles.whole, ...found];
}

describe.each(grids)('%i by %i', (height, width) => {
  test('a cost is the patches that the rectangle touches and its positions', () => {
    const space = spaceOf([1, height, width], [1, height, width]);
    for (const rectangle of some(height, width)) {
      const patches = patchesTouched(filled(rectangle, width, height * width), space);
      expect(rectangle.cost).toBe(patches + rectangle.height * rectangle.width);
    }
  });

  test('the hottest holds at least what any other of its cost does', () => {
    const rectangles = new Rectangles({ height, width });
    const heat = Float64Array.from(random(3, 'heat').uniforms(height * width));
    const heldBy = (each: Rectangle): number =>
      filled(each, width, height * width).reduce((sum, value, p) => sum + value * heat[p]!, 0);
    for (const most of [10, 30, 60, 100]) {
      const best = rectangles.hottest(heat, most);
      const others = some(height, width).filter(({ cost }) => cost <= most);
      if (!best) expect(others).toEqual([]);
      else for (const other of others) expect(heldBy(best)).toBeGreaterThanOrEqual(heldBy(other) - 1e-9);
    }
  });

  test('what is to be avoided is', () => {
    const rectangles = new Rectangles({ height, width });
    const heat = new Float64Array(height * width).fill(1);
    const first = rectangles.hottest(heat, 40);
    const second = first && rectangles.hottest(heat, 40, [first]);
    if (first && second) expect([second.top, second.left]).not.toEqual([first.top, first.left]);
  });
});

test('large images have no more rectangles than can be looked through', () => {
  const rectangles = new Rectangles({ height: 224, width: 224 });
  const heat = new Float64Array(224 * 224);
  heat[100 * 224 + 50] = 1;
  const found = rectangles.hottest(heat, 500)!;
  expect(100 >= found.top && 100 < found.top + found.height).toBe(true);
  expect(50 >= found.left && 50 < found.left + found.width).toBe(true);
});
