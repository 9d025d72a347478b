import { describe, expect, test } from 'vitest';
import { type Connectivity, components } from '../../src/attack/components.js';

/** A drawing, a character a pixel: a space is 0. */
function gridOf(...lines: string[]): { values: number[]; grid: { height: number; width: number } } {
  const values = [...lines.join('')].map((c) => (c === ' ' ? 0 : (c.codePointAt(0) as number)));
  return { values, grid: { height: lines.length, width: lines[0]?.length ?? 0 } };
}

describe('components', () => {
  test.each<[string, string[], number, number]>([
    ['two diagonal pixels', ['# ', ' #'], 2, 1],
    ['the other diagonal', [' #', '# '], 2, 1],
    ['nothing', ['  ', '  '], 0, 0],
    ['all', ['##', '##'], 1, 1],
    ['a ring and its centre', ['#####', '#   #', '# # #', '#   #', '#####'], 2, 2],
    ['a spiral', ['#####', '    #', '### #', '#   #', '#####'], 1, 1],
    ['ends of neighbouring rows', ['  #', '#  '], 2, 2],
    ['a series', ['## # ###'], 3, 3],
    ['a column', ['#', ' ', '#', '#'], 2, 2],
    ['a chessboard', ['# # ', ' # #', '# # '], 6, 1],
    ['values that touch', ['aab', 'bba'], 4, 2],
  ])('%s', (_, lines, four, eight) => {
    const { values, grid } = gridOf(...lines);
    for (const [connectivity, expected] of [
      [4, four],
      [8, eight],
    ] as [Connectivity, number][]) {
      const { count, labels } = components(values, grid, connectivity);
      expect(count).toBe(expected);
      expect(new Set(labels).size).toBe(expected + (values.includes(0) ? 1 : 0));
      expect([...labels].map((label) => label === 0)).toEqual(values.map((value) => value === 0));
    }
  });

  test('are numbered by their first pixel, and 4-connected by default', () => {
    const { values, grid } = gridOf(' a b', 'a ab', 'aaa ');
    // the first pixel of the row above belongs to no other
    expect([...components(values, grid).labels]).toEqual([0, 1, 0, 2, 3, 0, 3, 2, 3, 3, 3, 0]);
  });

  test('of a million pixels need no deep stack', () => {
    const grid = { height: 1000, width: 1000 };
    expect(components(new Uint8Array(1e6).fill(1), grid, 8).count).toBe(1);
  });
});
